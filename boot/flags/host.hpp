// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "boot/run/request.hpp"

namespace hallmark::boot {

/// What this host lacks to start such a guest, each in a few words with what to do; empty: it can be tried.
/// `root` stands in front of /proc, /dev and /sys.
std::vector<std::string> missing_for(Tee tee, const std::filesystem::path& root = "/");

/// Refused with all of that where something is missing.
Status check_host(Tee tee);

/// The file that a name stands for: itself with a slash, else the first of that name in $PATH. Where there is none the
/// error ends with the remedy.
Result<std::string> find_program(const std::string& name, std::string_view remedy);

}  // namespace hallmark::boot
