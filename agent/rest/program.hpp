// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace hallmark::rest {

/// api-server-rest [--features X] [--bind ADDRESS:PORT]: serves until SIGTERM or SIGINT. Exit status: 0 stopped; 1
/// failed; 2 wrong request.
int run_api_server(std::span<const char* const> words);

}  // namespace hallmark::rest
