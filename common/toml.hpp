// SPDX-License-Identifier: Apache-2.0
// TOML that people write and a program reads strictly: every value knows its line, and a missing key, a wrong type and
// an unknown key are errors that name it. Source: TOML v1.0.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace hallmark {

/// Refuses a document whose keys have so many parts that to take the tree of tables apart, which toml++ does by
/// recursion, could overflow the stack. For those who use toml++ itself, in front of it.
Status check_toml_depth(std::string_view text, const std::string& what);

/// Booleans, integers, texts, arrays and tables; documents with dates or fractions are refused.
class Toml {
public:
    enum class Kind { kBoolean, kInteger, kText, kArray, kTable };

    /// A document of at most `largest` bytes, at most 8 levels deep; `what` names it in errors.
    static Result<Toml> parse(std::string_view text, const std::string& what, std::size_t largest);

    /// A document of JSON, as far as it is one of these kinds; null stands for a key that is not there. Its values know
    /// no line.
    static Result<Toml> parse_json(std::string_view text, const std::string& what, std::size_t largest);

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] unsigned line() const { return line_; }
    /// "policy.toml: line 12: snp.executables.otherwise"
    [[nodiscard]] std::string where() const;
    /// "a whole number": what this is, for errors.
    [[nodiscard]] std::string_view kind_name() const;

    // Of one value.
    [[nodiscard]] Result<bool> boolean() const;
    [[nodiscard]] Result<std::int64_t> integer() const;
    [[nodiscard]] Result<std::string> text() const;
    /// A text that is not empty and at most 128 bytes of printable ASCII.
    [[nodiscard]] Result<std::string> name() const;
    /// The elements of an array.
    [[nodiscard]] Result<const std::vector<Toml>*> array() const;

    // Of a table.
    [[nodiscard]] Status is_table() const;
    /// Fails on the first key that is not in the list.
    [[nodiscard]] Status only(std::initializer_list<std::string_view> keys) const;
    /// nullptr where there is no such key.
    [[nodiscard]] const Toml* find(std::string_view key) const;
    /// The value of a key, which must be there.
    [[nodiscard]] Result<const Toml*> at(std::string_view key) const;
    /// All values, in the order of the document, and the key of each.
    [[nodiscard]] const std::vector<Toml>& values() const { return elements_; }
    [[nodiscard]] const std::string& key() const { return key_; }

private:
    friend class TomlBuilder;
    friend class TomlOfJson;
    [[nodiscard]] std::unexpected<Error> expected(std::string_view what) const;

    Kind kind_ = Kind::kTable;
    bool boolean_ = false;
    std::int64_t integer_ = 0;
    std::string text_;
    std::vector<Toml> elements_;  // of an array or a table
    std::string key_;             // in the table where this stands
    std::string what_;            // the document
    std::string path_;            // "snp.executables.otherwise"
    unsigned line_ = 1;           // 0: JSON, which doesn't say
};

}  // namespace hallmark
