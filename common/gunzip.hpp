// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark {

/// What stands around deflated data (RFC 1951): nothing, zlib's header and checksum (RFC 1950), or gzip's (RFC 1952).
enum class Wrapping { kNone, kZlib, kGzip };

/// What deflated data hold, as gunzip().
Result<Bytes> inflate(ByteSpan compressed, Wrapping wrapping, std::size_t limit, const std::string& what);

/// What one gzip member (RFC 1952) holds, its checksum checked, if that is at most `limit` bytes; nothing may stand
/// behind the member. No more than the limit is ever allocated. `what` names the input in errors.
Result<Bytes> gunzip(ByteSpan compressed, std::size_t limit, const std::string& what);

}  // namespace hallmark
