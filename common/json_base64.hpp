// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base64.hpp"
#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark {

/// The bytes of a member that is base64 (RFC 4648, section 4); an error names it.
inline Result<Bytes> base64_of(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const std::string text, object.string(key));
    auto bytes = from_base64(text);
    if (!bytes) return std::unexpected(bytes.error().at(object.path_of(key)));
    return bytes;
}

}  // namespace hallmark
