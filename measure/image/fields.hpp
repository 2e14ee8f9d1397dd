// SPDX-License-Identifier: Apache-2.0
// Fields that the documents beside an image share: digests, names of files, lists of objects.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark {

/// Fails where `schema` is not exactly the expected one, before other fields are looked at.
Status check_schema(const JsonObject& object, std::string_view expected);

/// Lower-case hexadecimal.
Result<Bytes> hex_field(const JsonObject& object, std::string_view key);

/// A digest as exactly so many lower-case hexadecimal digits.
template <class Digest>
Result<Digest> digest_field(const JsonObject& object, std::string_view key) {
    Digest digest{};
    HALLMARK_TRY(const Bytes bytes, hex_field(object, key));
    if (bytes.size() != digest.size())
        return bad_input(object.path_of(key) + ": found " + std::to_string(bytes.size() * 2) + " digits, expected " +
                         std::to_string(digest.size() * 2));
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

/// A number as "0x…" text, the way people compare masks and signatures.
Result<std::uint64_t> hex_number_field(const JsonObject& object, std::string_view key);

/// A plain file name: no folder, no "." or "..".
Result<std::string> file_name_field(const JsonObject& object, std::string_view key);

/// A list of text.
Result<std::vector<std::string>> strings_field(const JsonObject& object, std::string_view key);

/// A list whose elements are all objects, each knowing its place ("command_lines[1]").
Result<std::vector<JsonObject>> objects_field(const JsonObject& object, std::string_view key);

}  // namespace hallmark
