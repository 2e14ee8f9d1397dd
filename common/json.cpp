// SPDX-License-Identifier: Apache-2.0
#include "common/json.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/file.hpp"
#include "common/text.hpp"

namespace hallmark {
namespace {

constexpr std::size_t kDeepest = 64;
/// Json looks through an object's members one by one for each that is added.
constexpr std::size_t kMostMembers = 1024;

/// Builds a value out of parse events, and remembers why a text that is valid JSON is refused nevertheless.
class StrictBuilder : public nlohmann::json_sax<Json> {
public:
    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t& /*text*/) override { return put(value); }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return false; }  // JSON has none

    bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
    bool key(string_t& name) override {
        auto& members = open_.back()->get_ref<Json::object_t&>();
        if (members.size() == kMostMembers) {
            refuse("an object of more than " + std::to_string(kMostMembers) + " members");
            return false;
        }
        const auto [member, added] = members.emplace(std::move(name), nullptr);
        if (!added) refuse("key '" + member->first + "' stands twice in one object");
        member_ = &member->second;
        return true;
    }
    bool end_object() override { return close(); }
    bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override {
        return false;
    }

    [[nodiscard]] Json take() { return std::move(root_); }
    [[nodiscard]] const std::string& reason() const { return reason_; }

private:
    /// Where the next value goes: it stays there until its container is closed, since nothing is added beside it
    /// before.
    template <class Value>
    Json* put_value(Value&& value) {
        if (open_.empty()) return &(root_ = std::forward<Value>(value));
        if (open_.back()->is_array()) return &open_.back()->emplace_back(std::forward<Value>(value));
        return &(*member_ = std::forward<Value>(value));
    }
    template <class Value>
    bool put(Value&& value) {
        put_value(std::forward<Value>(value));
        return true;
    }
    bool open(Json container) {
        open_.push_back(put_value(std::move(container)));
        if (open_.size() > kDeepest) refuse("nested deeper than " + std::to_string(kDeepest) + " levels");
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }
    void refuse(std::string reason) {
        if (reason_.empty()) reason_ = std::move(reason);
    }

    Json root_;
    std::vector<Json*> open_;
    Json* member_ = nullptr;  // of the innermost object, whose value comes next
    std::string reason_;
};

std::string type_name(const Json& json) {
    return json.is_binary() ? "array" : json.type_name();  // binary: see json_bytes.hpp
}

/// Deeper nesting than the parser's recursion would bear is refused before it.
bool too_deep(std::string_view text) {
    std::size_t depth = 0;
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
        } else if ((c == '}' || c == ']') && depth > 0) {  // without the opening one it is no JSON
            --depth;
        }
    }
    return false;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view what) {
    const std::string name(what);
    if (too_deep(text)) return bad_input(name + ": nested deeper than " + std::to_string(kDeepest) + " levels");
    StrictBuilder builder;
    const bool parsed = Json::sax_parse(text, &builder);
    if (!builder.reason().empty()) return bad_input(name + ": " + builder.reason());
    if (!parsed) return bad_input(name + ": not JSON; expected one JSON value (RFC 8259)");
    return builder.take();
}

Result<Json> read_json(const std::filesystem::path& path, std::size_t limit) {
    HALLMARK_TRY(const Bytes bytes, read_file(path, limit));
    return parse_json(text_of(bytes), path.string());
}

std::string to_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Result<JsonObject> JsonObject::of(const Json& json, std::string where) {
    if (!json.is_object()) return bad_input(where + ": found " + type_name(json) + ", expected an object");
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
    if (!value->is_string()) return bad_input(path_of(key) + ": found " + type_name(*value) + ", expected a string");
    return value->get<std::string>();
}

Result<std::uint64_t> JsonObject::number(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    if (!value->is_number_unsigned())
        return bad_input(path_of(key) + ": found " + type_name(*value) + ", expected a whole number, 0 or more");
    return value->get<std::uint64_t>();
}

Result<bool> JsonObject::boolean(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    if (!value->is_boolean())
        return bad_input(path_of(key) + ": found " + type_name(*value) + ", expected true or false");
    return value->get<bool>();
}

Result<JsonObject> JsonObject::object(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    return of(*value, path_of(key));
}

Result<const Json*> JsonObject::array(std::string_view key) const {
    HALLMARK_TRY(const Json* value, find(key));
    if (!value->is_array()) return bad_input(path_of(key) + ": found " + type_name(*value) + ", expected a list");
    return value;
}

std::vector<std::string> JsonObject::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : json_->items()) keys.push_back(key);
    return keys;
}

}  // namespace hallmark
