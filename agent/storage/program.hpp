// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace hallmark::storage {

/// `hallmark-guest secure-mount`. `words` stand behind its name. Returns the exit status: 0 mounted; 1 refused or
/// failed; 2 the request is wrong.
int run_secure_mount(std::span<const char* const> words);

}  // namespace hallmark::storage
