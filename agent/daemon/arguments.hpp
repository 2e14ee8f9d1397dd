// SPDX-License-Identifier: Apache-2.0
// The command lines of the guest's programs: options with a value each or none, and no other words.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hallmark::guest {

class Arguments {
public:
    struct Option {
        std::string_view name;          ///< "--bind"
        std::string_view value;         ///< "ADDRESS", for errors; empty: it has none
        std::string_view short_name{};  ///< "-b"; empty: none
    };

    Arguments(const char* program, const char* help, std::vector<Option> options)
        : program_(program), help_(help), options_(std::move(options)) {}

    /// The exit status where the program has nothing more to do: after --help, --version, or an error in one line.
    /// `words` stand behind the program's name.
    [[nodiscard]] std::optional<int> parse(std::span<const char* const> words);

    /// Of "--bind VALUE" or "--bind=VALUE"; the last one counts.
    [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
    /// Whether it was given.
    [[nodiscard]] bool has(std::string_view name) const { return value(name).has_value(); }

private:
    const char* program_;
    const char* help_;
    std::vector<Option> options_;
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace hallmark::guest
