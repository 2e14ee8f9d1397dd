// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "common/result.hpp"

namespace hallmark::store {

/// Bytes and files that can still be made in a file system.
struct Space {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
};

Result<Space> space_in(const std::filesystem::path& folder);

/// The error of a layer that did not fit: what there was before, what it had taken when it ended, and what to do.
Error no_space(const std::filesystem::path& folder, const Space& before, const Space& after, const Error& cause);

/// Whether an error is one of no_space(), or of a layer that is larger than what was free.
bool is_for_space(const Error& error);

/// True where a file system with so little left is the likely reason of a failure.
bool is_full(const Space& space);

}  // namespace hallmark::store
