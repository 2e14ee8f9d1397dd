// SPDX-License-Identifier: Apache-2.0
// JSON in which bytes are written as lists of numbers, as serde does: of a report with its certificates that is nearly
// all, and a JSON value for each byte would take sixteen times the room.
#pragma once

#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark {

/// As parse_json(), but a list of whole numbers from 0 to 255, and of nothing else, becomes one binary value. An empty
/// list stays a list.
Result<Json> parse_json_with_bytes(std::string_view text, std::string_view what);

/// The other way, without any space: a binary value becomes a list of numbers. Of a text that is not UTF-8, what is
/// wrong is replaced.
std::string text_with_bytes(const Json& json);

}  // namespace hallmark
