// SPDX-License-Identifier: Apache-2.0
#include "common/toml.hpp"

#include <algorithm>

#include "common/tomlplusplus.hpp"

namespace hallmark {
namespace {

constexpr std::size_t kDeepest = 8;
constexpr std::size_t kLongestName = 128;
constexpr std::size_t kMostDots = 1000;

/// Reads over a document as far as it takes to know what stands in strings and comments.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    /// How many dots stand outside: those of keys, and of fractions and times.
    std::size_t dots() {
        std::size_t count = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (c == '"' || c == '\'') {
                skip_string(c);
            } else {
                count += c == '.' ? 1 : 0;
                ++at_;
            }
        }
        return count;
    }

private:
    void skip_string(char quote) {
        const std::string three(3, quote);
        const bool many_lines = text_.substr(at_).starts_with(three);
        at_ += many_lines ? 3 : 1;
        while (at_ < text_.size()) {
            if (quote == '"' && text_[at_] == '\\') {
                at_ += 2;
            } else if (many_lines ? text_.substr(at_).starts_with(three) : text_[at_] == quote || text_[at_] == '\n') {
                break;
            } else {
                ++at_;
            }
        }
        at_ += many_lines ? 3 : 1;
        // Two quotation marks may stand in front of the three that end a string.
        for (int more = 0; many_lines && more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

/// Turns the tree of toml++ into ours.
class TomlBuilder {
public:
    explicit TomlBuilder(const std::string& what) : what_(what) {}

    Result<Toml> value(const toml::node& node, std::string key, std::string path, unsigned line,
                       std::size_t depth) const {
        Toml value;
        value.what_ = what_;
        value.path_ = std::move(path);
        value.key_ = std::move(key);
        value.line_ = node.source().begin.line != 0 ? static_cast<unsigned>(node.source().begin.line) : line;
        if (depth > kDeepest)
            return bad_input(value.where() + ": nested deeper than " + std::to_string(kDeepest) + " levels");
        if (const auto* boolean = node.as_boolean()) {
            value.kind_ = Toml::Kind::kBoolean;
            value.boolean_ = boolean->get();
        } else if (const auto* integer = node.as_integer()) {
            value.kind_ = Toml::Kind::kInteger;
            value.integer_ = integer->get();
        } else if (const auto* text = node.as_string()) {
            value.kind_ = Toml::Kind::kText;
            value.text_ = text->get();
        } else if (const auto* array = node.as_array()) {
            HALLMARK_CHECK(fill(value, *array, depth));
        } else if (const auto* table = node.as_table()) {
            HALLMARK_CHECK(fill(value, *table, depth));
        } else {
            return bad_input(value.where() +
                             ": found a date, a time or a fraction, expected a boolean, a whole number, a text, an "
                             "array or a table");
        }
        return value;
    }

private:
    Status fill(Toml& into, const toml::array& array, std::size_t depth) const {
        into.kind_ = Toml::Kind::kArray;
        into.elements_.reserve(array.size());
        for (const auto& element : array) {
            std::string path = into.path_ + "[" + std::to_string(into.elements_.size()) + "]";
            HALLMARK_TRY(Toml made, value(element, {}, std::move(path), into.line_, depth + 1));
            into.elements_.push_back(std::move(made));
        }
        return {};
    }

    Status fill(Toml& into, const toml::table& table, std::size_t depth) const {
        into.kind_ = Toml::Kind::kTable;
        into.elements_.reserve(table.size());
        for (const auto& [key, node] : table) {
            std::string name(key.str());
            if (name.size() > kLongestName)
                return bad_input(into.where() + ": a key of " + std::to_string(name.size()) +
                                 " bytes, expected at most " + std::to_string(kLongestName));
            std::string path = into.path_.empty() ? name : into.path_ + "." + name;
            const auto line = static_cast<unsigned>(key.source().begin.line);
            HALLMARK_TRY(Toml made, value(node, std::move(name), std::move(path), line, depth + 1));
            into.elements_.push_back(std::move(made));
        }
        // toml++ sorts by key; people read from the top.
        std::ranges::stable_sort(into.elements_, {}, &Toml::line_);
        return {};
    }

    const std::string& what_;
};

Status check_toml_depth(std::string_view text, const std::string& what) {
    const std::size_t dots = Scanner(text).dots();
    if (dots > kMostDots)
        return bad_input(what + ": " + std::to_string(dots) + " dots outside of texts, expected at most " +
                         std::to_string(kMostDots) + "; a key needs fewer");
    return {};
}

Result<Toml> Toml::parse(std::string_view text, const std::string& what, std::size_t largest) {
    if (text.size() > largest)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(largest));
    HALLMARK_CHECK(check_toml_depth(text, what));
    const auto parsed = toml::parse(text);
    if (!parsed)
        return bad_input(what + ": line " + std::to_string(parsed.error().source().begin.line) +
                         ": no TOML: " + std::string(parsed.error().description()));
    return TomlBuilder(what).value(parsed.table(), {}, {}, 1, 0);
}

std::string Toml::where() const {
    return what_ + (line_ == 0 ? "" : ": line " + std::to_string(line_)) + (path_.empty() ? "" : ": " + path_);
}

std::string_view Toml::kind_name() const {
    switch (kind_) {
        case Kind::kBoolean:
            return "a boolean";
        case Kind::kInteger:
            return "a whole number";
        case Kind::kText:
            return "a text";
        case Kind::kArray:
            return "an array";
        case Kind::kTable:
            break;
    }
    return "a table";
}

std::unexpected<Error> Toml::expected(std::string_view what) const {
    return bad_input(where() + ": found " + std::string(kind_name()) + ", expected " + std::string(what));
}

Result<bool> Toml::boolean() const {
    if (kind_ != Kind::kBoolean) return expected("a boolean");
    return boolean_;
}

Result<std::int64_t> Toml::integer() const {
    if (kind_ != Kind::kInteger) return expected("a whole number");
    return integer_;
}

Result<std::string> Toml::text() const {
    if (kind_ != Kind::kText) return expected("a text");
    return text_;
}

Result<std::string> Toml::name() const {
    HALLMARK_TRY(std::string name, text());
    const bool printable = std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; });
    if (name.empty() || name.size() > kLongestName || !printable)
        return bad_input(where() + ": expected 1 to " + std::to_string(kLongestName) +
                         " printable ASCII characters, found " + std::to_string(name.size()) +
                         (printable ? " of them" : " bytes, some of them others"));
    return name;
}

Result<const std::vector<Toml>*> Toml::array() const {
    if (kind_ != Kind::kArray) return expected("an array");
    return &elements_;
}

Status Toml::is_table() const {
    if (kind_ != Kind::kTable) return expected("a table");
    return {};
}

Status Toml::only(std::initializer_list<std::string_view> keys) const {
    HALLMARK_CHECK(is_table());
    for (const auto& value : elements_) {
        if (std::ranges::find(keys, value.key_) != keys.end()) continue;
        std::string known;
        for (const auto key : keys) known += (known.empty() ? "" : ", ") + std::string(key);
        return bad_input(value.where() + ": unknown key; known here: " + known);
    }
    return {};
}

const Toml* Toml::find(std::string_view key) const {
    const auto found = std::ranges::find(elements_, key, &Toml::key_);
    return kind_ == Kind::kTable && found != elements_.end() ? &*found : nullptr;
}

Result<const Toml*> Toml::at(std::string_view key) const {
    HALLMARK_CHECK(is_table());
    const Toml* found = find(key);
    if (found == nullptr) return bad_input(where() + ": no key '" + std::string(key) + "', expected one");
    return found;
}

}  // namespace hallmark
