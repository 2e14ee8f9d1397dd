// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <utility>

#include "common/json.hpp"
#include "common/toml.hpp"

namespace hallmark {

constexpr std::size_t kDeepest = 8;  // as of TOML

/// Turns a tree of JSON into ours.
class TomlOfJson {
public:
    explicit TomlOfJson(const std::string& what) : what_(what) {}

    Result<Toml> value(const Json& json, std::string key, std::string path, std::size_t depth) const {
        Toml value;
        value.what_ = what_;
        value.path_ = std::move(path);
        value.key_ = std::move(key);
        value.line_ = 0;
        if (depth > kDeepest)
            return bad_input(value.where() + ": nested deeper than " + std::to_string(kDeepest) + " levels");
        if (json.is_boolean()) {
            value.kind_ = Toml::Kind::kBoolean;
            value.boolean_ = json.get<bool>();
        } else if (json.is_number_integer()) {
            if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
                return bad_input(value.where() + ": a number of more than 63 bits");
            value.kind_ = Toml::Kind::kInteger;
            value.integer_ = json.get<std::int64_t>();
        } else if (json.is_string()) {
            value.kind_ = Toml::Kind::kText;
            value.text_ = json.get<std::string>();
        } else if (json.is_structured()) {
            value.kind_ = json.is_array() ? Toml::Kind::kArray : Toml::Kind::kTable;
            HALLMARK_CHECK(fill(value, json, depth));
        } else {
            return bad_input(value.where() + ": found " + json.type_name() +
                             ", expected a boolean, a whole number, a string, an array or an object");
        }
        return value;
    }

private:
    Status fill(Toml& into, const Json& json, std::size_t depth) const {
        for (const auto& [key, element] : json.items()) {
            if (json.is_object() && element.is_null()) continue;
            std::string path = into.path_;
            if (json.is_array())
                path += "[" + std::to_string(into.elements_.size()) + "]";
            else
                path += (path.empty() ? "" : ".") + key;
            HALLMARK_TRY(Toml made, value(element, json.is_array() ? "" : key, std::move(path), depth + 1));
            into.elements_.push_back(std::move(made));
        }
        return {};
    }

    const std::string& what_;
};

Result<Toml> Toml::parse_json(std::string_view text, const std::string& what, std::size_t largest) {
    if (text.size() > largest)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(largest));
    HALLMARK_TRY(const Json json, hallmark::parse_json(text, what));
    if (!json.is_object()) return bad_input(what + ": found " + json.type_name() + ", expected an object");
    return TomlOfJson(what).value(json, {}, {}, 0);
}

}  // namespace hallmark
