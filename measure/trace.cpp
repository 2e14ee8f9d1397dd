// SPDX-License-Identifier: Apache-2.0
#include "measure/trace.hpp"

#include <algorithm>

namespace hallmark {
namespace {

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

}  // namespace

std::string trace_text(const Trace& trace) {
    std::size_t what = 0;
    std::size_t inputs = 0;
    for (const auto& step : trace) {
        what = std::max(what, step.what.size());
        inputs = std::max(inputs, step.inputs.size());
    }
    const auto number = std::to_string(trace.size()).size();
    std::string text;
    for (std::size_t i = 0; i < trace.size(); ++i)
        text += padded(std::to_string(i + 1), number) + "  " + padded(trace[i].what, what) + "  " +
                padded(trace[i].inputs, inputs) + "  " + trace[i].value + "\n";
    return text;
}

Json trace_json(const Trace& trace) {
    Json steps = Json::array();
    for (std::size_t i = 0; i < trace.size(); ++i)
        steps.push_back(
            {{"step", i + 1}, {"what", trace[i].what}, {"inputs", trace[i].inputs}, {"value", trace[i].value}});
    return steps;
}

}  // namespace hallmark
