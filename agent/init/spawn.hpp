// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace hallmark::guest {

/// A descriptor of ours, and its number in the program that is started.
struct Handed {
    int ours;
    int theirs;
};

/// Starts a program in a session of its own, with every signal as at the beginning. `argv` starts with its path,
/// `environment` is all that it has ("NAME=VALUE"). Of our open files it has the first three and those of `handed`.
Result<pid_t> spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                    std::span<const Handed> handed = {});

}  // namespace hallmark::guest
