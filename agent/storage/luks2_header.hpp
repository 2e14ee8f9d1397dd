// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::storage::luks2 {

struct Header {
    std::uint64_t sequence = 0;
    Json metadata;
};

/// Reads both copies of the header in the first bytes of a device, which the host wrote: each with its checksum, and
/// one as the other. Nothing is repaired and none is preferred: copies that differ are an error, like a checksum that
/// is wrong. What the metadata says is not looked at.
Result<Header> parse_header(ByteSpan device);

}  // namespace hallmark::storage::luks2
