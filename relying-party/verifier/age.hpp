// SPDX-License-Identifier: Apache-2.0
// How old a file is that was fetched once.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>

namespace hallmark::verifier {

/// How long ago it was written, by the clock of its file system; zero where that is still to come, and nothing where
/// there is no such file.
inline std::optional<std::chrono::steady_clock::duration> age_of(const std::filesystem::path& file) {
    using File = std::filesystem::file_time_type::clock;
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error);
    if (error) return std::nullopt;
    const auto age = std::chrono::duration_cast<std::chrono::steady_clock::duration>(File::now() - written);
    return std::max(age, std::chrono::steady_clock::duration::zero());
}

}  // namespace hallmark::verifier
