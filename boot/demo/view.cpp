// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/view.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "boot/run/line.hpp"

namespace hallmark::boot::demo {
namespace {

using namespace std::chrono_literals;

constexpr const char* kClear = "\r\033[2K";
constexpr const char* kGreen = "\033[1;32m";
constexpr const char* kBold = "\033[1m";
constexpr const char* kDim = "\033[2m";
constexpr const char* kPlain = "\033[0m";
constexpr std::size_t kLongestLine = 4096;
constexpr auto kRedraw = 100ms;

double seconds(std::chrono::milliseconds span) { return static_cast<double>(span.count()) / 1000.0; }

}  // namespace

Mode mode_of(bool json) {
    if (json) return Mode::kSilent;
    return ::isatty(STDOUT_FILENO) == 1 ? Mode::kTerminal : Mode::kLines;
}

void View::line(const std::string& text) {
    if (mode_ == Mode::kSilent) return;
    std::printf("%s%s\n", progress_shown_ ? kClear : "", text.c_str());
    std::fflush(stdout);
    progress_shown_ = false;
}

void View::heading(std::string_view text) {
    line(mode_ == Mode::kTerminal ? kBold + std::string(text) + kPlain : std::string(text));
}

void View::part(std::string_view name, std::string_view text) {
    std::string padded = "  " + std::string(name);
    padded.resize(14, ' ');
    line(padded + one_line(text));
}

void View::step(const Reached& step) {
    char front[32];
    std::snprintf(front, sizeof front, "  %2u  %7.3f s  ", step.number, seconds(step.after));
    line(front + one_line(step.what));
}

void View::output(std::string_view bytes) {
    for (const char c : bytes) {
        if (c != '\n' && partial_.size() < kLongestLine) {
            partial_ += c;
            continue;
        }
        line("  " + one_line(partial_));
        partial_.clear();
    }
}

void View::end() {
    if (!partial_.empty()) output("\n");
    if (progress_shown_) std::fputs(kClear, stdout);
    std::fflush(stdout);
    progress_shown_ = false;
}

void View::done(std::string_view text) {
    line((mode_ == Mode::kTerminal ? std::string(kGreen) + "done" + kPlain : std::string("done")) + ": " +
         std::string(text));
}

void View::progress(unsigned done, std::chrono::milliseconds elapsed, std::string_view waiting_for) {
    if (mode_ != Mode::kTerminal) return;
    const auto now = Clock::now();
    if (progress_shown_ && now - last_progress_ < kRedraw) return;
    last_progress_ = now;
    const std::string bar = std::string(done, '#') + std::string(kSteps - std::min(done, kSteps), '.');
    std::printf("%s  [%s]  %5.1f s  %snext: %s%s", kClear, bar.c_str(), seconds(elapsed), kDim,
                std::string(waiting_for).c_str(), kPlain);
    std::fflush(stdout);
    progress_shown_ = true;
}

}  // namespace hallmark::boot::demo
