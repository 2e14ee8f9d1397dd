// SPDX-License-Identifier: Apache-2.0
#include "measure/trace.hpp"

#include <algorithm>
#include <utility>

#include "measure/inspect/tree.hpp"

namespace hallmark {
namespace {

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

}  // namespace

std::string trace_text(const Trace& trace) {
    // Names and command lines come from files, which may want to write to the terminal.
    std::vector<std::pair<std::string, std::string>> steps;
    std::size_t what = 0;
    std::size_t inputs = 0;
    for (const auto& step : trace) {
        steps.emplace_back(inspect::printable(step.what), inspect::printable(step.inputs));
        what = std::max(what, steps.back().first.size());
        inputs = std::max(inputs, steps.back().second.size());
    }
    const auto number = std::to_string(trace.size()).size();
    std::string text;
    for (std::size_t i = 0; i < trace.size(); ++i)
        text += padded(std::to_string(i + 1), number) + "  " + padded(steps[i].first, what) + "  " +
                padded(steps[i].second, inputs) + "  " + trace[i].value + "\n";
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
