// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/steps.hpp"

#include <algorithm>
#include <charconv>

#include "boot/run/line.hpp"

namespace hallmark::boot::demo {
namespace {

constexpr std::size_t kLongestLine = 400;
constexpr std::string_view kMark = "hallmark-step ";
constexpr std::array<std::string_view, kSteps> kTitles{
    "the VM starts",
    "the guest stack has booted",
    "the image's manifest is pulled",
    "encrypted layers are found",
    "the data hub is asked for the key of each layer",
    "the data hub asks the attestation agent",
    "the attestation agent asks the key broker",
    "the broker answers with a challenge",
    "evidence goes to the broker",
    "the broker has verified it",
    "results and keys come back",
    "the wrapped key is opened",
    "layers are pulled",
    "layers are decrypted and unpacked",
    "the workload runs",
};

double seconds(std::chrono::milliseconds span) { return static_cast<double>(span.count()) / 1000.0; }

}  // namespace

std::string_view title_of(unsigned number) { return number >= 1 && number <= kSteps ? kTitles[number - 1] : ""; }

Reached& Steps::reach(unsigned number, std::string_view words) {
    auto& step = steps_[number - 1];
    std::string what(title_of(number));
    if (!words.empty()) what += ": " + std::string(words);
    step = Reached{.number = number, .what = std::move(what), .after = elapsed()};
    return *step;
}

const Reached& Steps::begin() {
    start_ = Clock::now();
    return reach(1, "");
}

void Steps::line(std::string_view line, std::vector<Reached>& fresh) {
    const auto mark = line.find(kMark);
    if (mark == std::string_view::npos) return;
    line.remove_prefix(mark + kMark.size());
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    // The first step is ours: no guest runs before it.
    if (error != std::errc() || number < 2 || number > kSteps || steps_[number - 1]) return;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    if (!line.empty() && !line.starts_with(' ')) return;
    while (line.starts_with(' ')) line.remove_prefix(1);
    fresh.push_back(reach(number, one_line(line)));
}

std::vector<Reached> Steps::add(std::string_view text) {
    std::vector<Reached> fresh;
    for (const char c : text) {
        if (c != '\n') {
            if (partial_.size() < kLongestLine) partial_ += c;
            continue;
        }
        line(partial_, fresh);
        partial_.clear();
    }
    return fresh;
}

bool Steps::all() const { return count() == kSteps; }

unsigned Steps::count() const {
    return static_cast<unsigned>(std::ranges::count_if(steps_, [](const auto& step) { return step.has_value(); }));
}

unsigned Steps::missing() const {
    const auto found = std::ranges::find_if(steps_, [](const auto& step) { return !step; });
    return static_cast<unsigned>(found - steps_.begin()) + 1;
}

std::chrono::milliseconds Steps::elapsed() const {
    return start_ ? std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - *start_)
                  : std::chrono::milliseconds{};
}

Json Steps::json() const {
    Json list = Json::array();
    for (const auto& step : steps_)
        if (step) list.push_back({{"step", step->number}, {"what", step->what}, {"seconds", seconds(step->after)}});
    return list;
}

}  // namespace hallmark::boot::demo
