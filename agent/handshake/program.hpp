// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "agent/ports/discovery.hpp"

namespace hallmark::handshake {

/// `hallmark-guest attest`: one handshake with a key broker, and an account of it on stdout. `words` are its arguments
/// without its name. Exit status: 0 granted; 1 refused, or failed on the way; 2 the request is wrong.
int run_attest(std::span<const char* const> words, const guest::Roots& roots);

}  // namespace hallmark::handshake
