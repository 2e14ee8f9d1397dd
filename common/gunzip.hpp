// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark {

/// What one gzip member (RFC 1952) holds, its checksum checked, if that is at most `limit` bytes; nothing may stand
/// behind the member. No more than the limit is ever allocated. `what` names the input in errors.
Result<Bytes> gunzip(ByteSpan compressed, std::size_t limit, const std::string& what);

}  // namespace hallmark
