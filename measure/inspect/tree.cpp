// SPDX-License-Identifier: Apache-2.0
#include "measure/inspect/tree.hpp"

#include "common/hex.hpp"

namespace hallmark::inspect {
namespace {

constexpr std::size_t kStep = 2;

std::string scalar(const Json& json) {
    return json.is_string() ? printable(json.get_ref<const std::string&>()) : json.dump();
}

void add(std::string& text, const Json& json, std::size_t indent);

/// What stands behind a key or a dash: on the same line where it is one value.
void add_value(std::string& text, const Json& json, std::size_t indent) {
    if (json.is_structured() && !json.empty()) {
        text += '\n';
        add(text, json, indent + kStep);
    } else if (json.is_structured()) {
        text += " none\n";
    } else {
        text += ' ' + scalar(json) + '\n';
    }
}

void add(std::string& text, const Json& json, std::size_t indent) {
    std::size_t number = 0;
    for (const auto& [key, value] : json.items()) {
        text += std::string(indent, ' ');
        text += json.is_array() ? "[" + std::to_string(number++) + "]" : printable(key) + ":";
        add_value(text, value, indent);
    }
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '\\')
            result += c;
        else
            result += "\\x" + hex_number(byte, 2).substr(2);
    }
    return result;
}

std::string as_tree(const Json& json) {
    std::string text;
    if (json.is_structured())
        add(text, json, 0);
    else
        text = scalar(json) + "\n";
    return text;
}

}  // namespace hallmark::inspect
