// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::storage {

/// The key that "kbs:///…" or "sealed.…" stands for, from the data hub on its socket: 32 bytes at least, since nothing
/// but its length slows down who guesses it.
Result<Secret> fetch_key(const std::string& hub_socket, const std::string& key);

/// 64 bytes that nobody else has.
Result<Secret> random_key();

}  // namespace hallmark::storage
