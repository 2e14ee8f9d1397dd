// SPDX-License-Identifier: Apache-2.0
#include "measure/image/fields.hpp"

namespace hallmark {

Status check_schema(const JsonObject& object, std::string_view expected) {
    HALLMARK_TRY(const std::string schema, object.string("schema"));
    if (schema == expected) return {};
    return bad_input(object.path_of("schema") + ": found '" + schema + "', expected '" + std::string(expected) + "'");
}

Result<Bytes> hex_field(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const std::string text, object.string(key));
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (text.size() % 2 != 0 || !std::ranges::all_of(text, is_digit))
        return bad_input(object.path_of(key) + ": found '" + text +
                         "', expected an even number of lower-case hexadecimal digits");
    return from_hex(text);
}

Result<std::uint64_t> hex_number_field(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const std::string text, object.string(key));
    const auto number = parse_number(text);
    if (!number || hex_number(*number) != text)
        return bad_input(object.path_of(key) + ": found '" + text + "', expected a number as 0x and lower-case digits");
    return *number;
}

Result<std::string> file_name_field(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(std::string name, object.string(key));
    const bool plain = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
                       name.find('\0') == std::string::npos;
    if (!plain) return bad_input(object.path_of(key) + ": found '" + name + "', expected a file name without a folder");
    return name;
}

Result<std::vector<std::string>> strings_field(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const Json* list, object.array(key));
    std::vector<std::string> texts;
    for (const auto& element : *list) {
        if (!element.is_string())
            return bad_input(object.path_of(key) + "[" + std::to_string(texts.size()) + "]: found " +
                             element.type_name() + ", expected a string");
        texts.push_back(element.get<std::string>());
    }
    return texts;
}

Result<std::vector<JsonObject>> objects_field(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const Json* list, object.array(key));
    std::vector<JsonObject> objects;
    for (const auto& element : *list) {
        const auto place = object.path_of(key) + "[" + std::to_string(objects.size()) + "]";
        HALLMARK_TRY(JsonObject item, JsonObject::of(element, place));
        objects.push_back(std::move(item));
    }
    return objects;
}

}  // namespace hallmark
