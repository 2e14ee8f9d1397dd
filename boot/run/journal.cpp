// SPDX-License-Identifier: Apache-2.0
#include "boot/run/journal.hpp"

#include <cstdio>

#include "boot/run/line.hpp"
#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

constexpr const char* kProven = "proven";
constexpr const char* kRefused = "refused";

std::chrono::milliseconds between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

Json digest_json(const std::optional<Sha384>& digest) { return digest ? Json(to_hex(*digest)) : Json(nullptr); }

std::string digest_line(std::string_view name, const std::optional<Sha384>& digest) {
    std::string line = "  " + std::string(name);
    line.resize(14, ' ');
    return line + (digest ? to_hex(*digest) : "-") + "\n";
}

/// Line by line, and nothing of it that a terminal would act on.
std::string indented(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines += "  " + one_line(text.substr(0, end)) + "\n";
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return lines;
}

}  // namespace

void Journal::step(std::string name, const std::string& details) {
    const auto now = Clock::now();
    steps_.push_back({std::move(name), details, between(last_, now)});
    last_ = now;
    if (!print_) return;
    const auto& step = steps_.back();
    std::printf("  %8.3f s  %-22s %s\n", static_cast<double>(step.took.count()) / 1000.0, step.name.c_str(),
                one_line(step.details).c_str());
    std::fflush(stdout);
}

void Journal::note(const std::string& text) const {
    if (!print_) return;
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
}

Json to_json(const Outcome& outcome, const Journal& journal) {
    Json steps = Json::array();
    for (const auto& step : journal.steps())
        steps.push_back({{"name", step.name}, {"detail", step.details}, {"milliseconds", step.took.count()}});
    const auto& digests = outcome.digests;
    Json json = outcome.comparison ? to_json(*outcome.comparison)

                                   : Json{{"digests",
                                           {{"predicted", digest_json(digests.predicted)},
                                            {"memory", digest_json(digests.memory)},
                                            {"report", digest_json(digests.report)}}}};
    for (const auto& secret : outcome.secrets)
        json["secrets"].push_back({{"resource", secret.resource},
                                   {"granted", secret.granted},
                                   {"refusal", secret.granted ? Json() : Json(secret.reason)}});
    if (outcome.pod) {
        for (const auto& end : outcome.pod->ends)
            json["pod"].push_back({{"name", end.name},
                                   {"status", end.exit_status},
                                   {"lost", end.lost},
                                   {"reason", end.reason.empty() ? Json() : Json(end.reason)}});
        json["output"] = outcome.pod->output;
    }
    json["steps"] = std::move(steps);
    json["verdict"] = outcome.proven ? kProven : kRefused;
    json["reason"] = outcome.reason;
    return json;
}

std::string to_lines(const Outcome& outcome, bool colours) {
    const std::string verdict = outcome.proven ? kProven : kRefused;
    const std::string shown = colours ? (outcome.proven ? "\033[1;32m" : "\033[1;31m") + verdict + "\033[0m" : verdict;
    const auto& digests = outcome.digests;
    std::string lines = outcome.comparison ? to_lines(*outcome.comparison) : "";
    if (digests.predicted || digests.memory || digests.report)
        lines = "launch digests\n" + digest_line("predicted", digests.predicted) +
                digest_line("in memory", digests.memory) + digest_line("in report", digests.report);
    if (outcome.pod) lines += "output of the pod\n" + indented(outcome.pod->output);
    return lines + shown + ": " + one_line(outcome.reason) + "\n";
}

}  // namespace hallmark::boot
