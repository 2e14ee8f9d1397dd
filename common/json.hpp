// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one place that includes nlohmann/json: no exceptions, no streams, no implicit conversions; keys keep their order.
#define JSON_NOEXCEPTION 1
#define JSON_USE_IMPLICIT_CONVERSIONS 0
#define JSON_NO_IO 1
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace hallmark {

using Json = nlohmann::ordered_json;

/// Parses JSON text (RFC 8259): no comments, no duplicate keys, at most 64 levels and 1,024
/// members of an object, valid UTF-8.
/// `what` names the source in errors.
Result<Json> parse_json(std::string_view text, std::string_view what);

/// Reads and parses a file of at most `limit` bytes.
Result<Json> read_json(const std::filesystem::path& path, std::size_t limit);

/// Two-space indent and a final newline; bytes that are not UTF-8 are replaced.
std::string to_text(const Json& json);

/// A JSON object that is read by key, strictly: a missing key, a wrong type and an unknown key are errors that name
/// the path of the field ("manifest.json: verity.salt: …").
class JsonObject {
public:
    static Result<JsonObject> of(const Json& json, std::string where);

    /// Fails on the first key that is not in the list.
    Status only(std::span<const std::string_view> keys) const;
    Status only(std::initializer_list<std::string_view> keys) const {
        return only(std::span(keys.begin(), keys.size()));
    }

    [[nodiscard]] bool has(std::string_view key) const;
    Result<std::string> string(std::string_view key) const;
    Result<std::uint64_t> number(std::string_view key) const;
    Result<bool> boolean(std::string_view key) const;
    Result<JsonObject> object(std::string_view key) const;
    /// The elements of an array, each with its path.
    Result<const Json*> array(std::string_view key) const;
    /// Every key of this object, in order.
    [[nodiscard]] std::vector<std::string> keys() const;

    /// "manifest.json: verity.salt"
    [[nodiscard]] std::string path_of(std::string_view key) const;
    [[nodiscard]] const std::string& where() const { return where_; }

private:
    JsonObject(const Json* json, std::string where) : json_(json), where_(std::move(where)) {}
    Result<const Json*> find(std::string_view key) const;

    const Json* json_;  // borrowed from the document, which outlives this
    std::string where_;
};

}  // namespace hallmark
