// SPDX-License-Identifier: Apache-2.0
#include "common/json.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "common/file.hpp"

namespace hallmark {
namespace {

constexpr int kDeepest = 64;

/// Sees every parse event and remembers why a text that is valid JSON is refused nevertheless.
class StrictRules {
public:
    bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > kDeepest) return refuse("nested deeper than " + std::to_string(kDeepest) + " levels");
        if (event == Json::parse_event_t::object_start) keys_.emplace_back();
        if (event == Json::parse_event_t::object_end && !keys_.empty()) keys_.pop_back();
        if (event == Json::parse_event_t::key && !keys_.empty()) {
            const auto& key = parsed.get_ref<const std::string&>();
            if (!keys_.back().insert(key).second) return refuse("key '" + key + "' stands twice in one object");
        }
        return true;
    }
    [[nodiscard]] const std::string& reason() const { return reason_; }

private:
    bool refuse(std::string reason) {
        if (reason_.empty()) reason_ = std::move(reason);
        return true;
    }
    std::vector<std::set<std::string>> keys_;
    std::string reason_;
};

/// Deeper nesting than the parser's recursion would bear is refused before it.
bool too_deep(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > kDeepest) return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view what) {
    const std::string name(what);
    if (too_deep(text)) return bad_input(name + ": nested deeper than " + std::to_string(kDeepest) + " levels");
    StrictRules rules;
    Json json = Json::parse(text, std::ref(rules), /* allow_exceptions= */ false);
    if (json.is_discarded()) return bad_input(name + ": not JSON; expected one JSON value (RFC 8259)");
    if (!rules.reason().empty()) return bad_input(name + ": " + rules.reason());
    return json;
}

Result<Json> read_json(const std::filesystem::path& path, std::size_t limit) {
    HALLMARK_TRY(const Bytes bytes, read_file(path, limit));
    return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

std::string to_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Result<JsonObject> JsonObject::of(const Json& json, std::string where) {
    if (!json.is_object()) return bad_input(where + ": found " + json.type_name() + ", expected an object");
    return JsonObject(&json, std::move(where));
}

Status JsonObject::only(std::span<const std::string_view> keys) const {
    for (const auto& [key, value] : json_->items())
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            return bad_input(path_of(key) + ": unknown key; this version does not know it");
    return {};
}

bool JsonObject::has(std::string_view key) const { return json_->contains(key); }

std::string JsonObject::path_of(std::string_view key) const {
    return where_ +
           (where_.ends_with(':')                    ? " "
            : where_.find(": ") == std::string::npos ? ": "
                                                     : ".") +
           std::string(key);
}

Result<const Json*> JsonObject::find(std::string_view key) const {
    const auto found = json_->find(key);
    if (found == json_->end()) return bad_input(path_of(key) + ": missing");
    return &*found;
}

Result<std::string> JsonObject::string(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    if (!value->is_string()) return bad_input(path_of(key) + ": found " + value->type_name() + ", expected a string");
    return value->get<std::string>();
}

Result<std::uint64_t> JsonObject::number(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    if (!value->is_number_unsigned())
        return bad_input(path_of(key) + ": found " + value->type_name() + ", expected a whole number, 0 or more");
    return value->get<std::uint64_t>();
}

Result<bool> JsonObject::boolean(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    if (!value->is_boolean())
        return bad_input(path_of(key) + ": found " + value->type_name() + ", expected true or false");
    return value->get<bool>();
}

Result<JsonObject> JsonObject::object(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    return of(*value, path_of(key));
}

Result<const Json*> JsonObject::array(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    if (!value->is_array()) return bad_input(path_of(key) + ": found " + value->type_name() + ", expected a list");
    return value;
}

std::vector<std::string> JsonObject::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : json_->items()) keys.push_back(key);
    return keys;
}

}  // namespace hallmark
