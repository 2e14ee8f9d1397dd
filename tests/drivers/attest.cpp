// SPDX-License-Identifier: Apache-2.0
// attest-driver FOLDER ARGUMENT…: hallmark-guest attest in a guest whose /sys, /dev,
// /proc and /run lie in FOLDER.
#include <cstddef>
#include <span>
#include <string>

#include "agent/handshake/program.hpp"

int main(int count, char** words) {
    if (count < 2) return 2;
    const std::string folder = words[1];
    const hallmark::guest::Roots roots{
        .sys = folder + "/sys", .dev = folder + "/dev", .proc = folder + "/proc", .run = folder + "/run"};
    const std::span<const char* const> all(words, static_cast<std::size_t>(count));
    return hallmark::handshake::run_attest(all.subspan(2), roots);
}
