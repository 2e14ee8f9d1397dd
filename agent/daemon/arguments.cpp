// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/arguments.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace hallmark::guest {
namespace {

constexpr int kBadRequest = 2;

}  // namespace

std::optional<int> Arguments::parse(std::span<const char* const> words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--help" || word == "-h") return std::fputs(help_, stdout) < 0 ? 1 : 0;
        if (word == "--version") return std::printf("%s %s\n", program_, HALLMARK_VERSION) < 0 ? 1 : 0;
        const auto equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
        const auto name = word.substr(0, equals);
        const auto option = std::ranges::find_if(
            options_, [name](const Option& one) { return name == one.name || name == one.short_name; });
        if (option == options_.end() || name.empty()) {
            std::fprintf(stderr, "%s: '%.64s' is unknown; see --help\n", program_, words[i]);
            return kBadRequest;
        }
        const bool has_value = equals != std::string_view::npos;
        if (option->value.empty() && has_value) {
            std::fprintf(stderr, "%s: %.64s: expected no value\n", program_, words[i]);
            return kBadRequest;
        }
        if (option->value.empty()) {
            values_[std::string(option->name)] = "";
            continue;
        }
        if (!has_value && i + 1 == words.size()) {
            std::fprintf(stderr, "%s: %.64s: no value, expected %s\n", program_, words[i],
                         std::string(option->value).c_str());
            return kBadRequest;
        }
        values_[std::string(option->name)] = has_value ? word.substr(equals + 1) : words[++i];
    }
    return std::nullopt;
}

std::optional<std::string> Arguments::value(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace hallmark::guest
