// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/config_tables.hpp"

#include <algorithm>
#include <utility>

namespace hallmark::guest {

Result<Toml> read_document(std::string_view text, const std::string& what, std::size_t largest) {
    // A document of TOML begins with anything but this.
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool json = first != std::string_view::npos && text[first] == '{';
    return json ? Toml::parse_json(text, what, largest) : Toml::parse(text, what, largest);
}

Status note_unknown(const Toml& table, std::initializer_list<std::string_view> known,
                    std::vector<std::string>& unknown) {
    HALLMARK_CHECK(table.is_table());
    for (const auto& value : table.values())
        if (std::ranges::find(known, value.key()) == known.end()) unknown.push_back(value.where());
    return {};
}

Status read_text(const Toml& table, std::string_view key, std::string& into) {
    if (const Toml* value = table.find(key)) {
        HALLMARK_TRY(into, value->text());
    }
    return {};
}

Status read_boolean(const Toml& table, std::string_view key, bool& into) {
    if (const Toml* value = table.find(key)) {
        HALLMARK_TRY(into, value->boolean());
    }
    return {};
}

Status read_texts(const Toml& table, std::string_view key, std::vector<std::string>& into) {
    const Toml* value = table.find(key);
    if (value == nullptr) return {};
    HALLMARK_TRY(const std::vector<Toml>* elements, value->array());
    for (const auto& element : *elements) {
        HALLMARK_TRY(std::string text, element.text());
        into.push_back(std::move(text));
    }
    return {};
}

}  // namespace hallmark::guest
