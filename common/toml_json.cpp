// SPDX-License-Identifier: Apache-2.0
#include "common/toml_json.hpp"

namespace hallmark {

// The parser has bounded the depth.
Json json_of(const Toml& toml) {  // NOLINT(misc-no-recursion)
    switch (toml.kind()) {
        case Toml::Kind::kBoolean:
            return toml.boolean().value_or(false);
        case Toml::Kind::kInteger:
            return toml.integer().value_or(0);
        case Toml::Kind::kText:
            return toml.text().value_or("");
        case Toml::Kind::kArray: {
            Json list = Json::array();
            for (const auto& element : toml.values()) list.push_back(json_of(element));
            return list;
        }
        case Toml::Kind::kTable:
            break;
    }
    Json table = Json::object();
    for (const auto& value : toml.values()) table[value.key()] = json_of(value);
    return table;
}

}  // namespace hallmark
