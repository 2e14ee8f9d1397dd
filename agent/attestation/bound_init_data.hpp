// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::attestation {

/// What the launch must have been bound to.
struct InitData {
    Bytes digest;
    std::optional<std::string> document;  ///< nothing where only the digest is known
};

/// From `--initdata-toml FILE`: the digest of the file's very bytes, by the algorithm that it names.
Result<InitData> read_init_data(const std::string& path);
/// From `--initdata-digest B64`: 1 to 64 bytes in base64.
Result<InitData> parse_init_data_digest(std::string_view base64);

}  // namespace hallmark::attestation
