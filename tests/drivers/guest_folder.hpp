// SPDX-License-Identifier: Apache-2.0
// The command line of a driver: FOLDER ARGUMENT…, where the guest's /sys, /dev, /proc and /run lie in FOLDER.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "agent/ports/discovery.hpp"

namespace hallmark::test {

template <class Program>
int run_in_folder(Program program, int count, char** words) {
    if (count < 2) return 2;
    const std::string folder = words[1];
    const guest::Roots roots{
        .sys = folder + "/sys", .dev = folder + "/dev", .proc = folder + "/proc", .run = folder + "/run"};
    const std::span<const char* const> all(words, static_cast<std::size_t>(count));
    return program(all.subspan(2), roots);
}

}  // namespace hallmark::test
