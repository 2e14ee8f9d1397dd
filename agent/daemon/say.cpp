// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/say.hpp"

#include <unistd.h>

#include <string>

namespace hallmark::guest {
namespace {

constexpr std::size_t kLongestLine = 2'000;

}  // namespace

void say(std::string_view program, std::string_view line) { say_line(std::string(program) + ": ", line); }

void say_line(std::string_view beginning, std::string_view line) {
    std::string text(beginning);
    for (const char c : line.substr(0, kLongestLine)) text += c >= ' ' && c <= '~' ? c : '?';
    text += '\n';
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace hallmark::guest
