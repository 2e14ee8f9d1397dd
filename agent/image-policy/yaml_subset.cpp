// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/yaml_subset.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hallmark::image_policy {
namespace {

/// What begins something other than a plain scalar.
constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";

struct Line {
    std::size_t number = 0;
    std::size_t indent = 0;
    std::string key;
    std::optional<std::string> value;
};

std::string_view without_end(std::string_view text) {
    const auto end = text.find_last_not_of(" \t\r");
    return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
}

/// What stands before a comment, which begins the line or follows white space.
std::string_view without_comment(std::string_view text) {
    for (auto hash = text.find('#'); hash != std::string_view::npos; hash = text.find('#', hash + 1))
        if (hash == 0 || text[hash - 1] == ' ' || text[hash - 1] == '\t') return without_end(text.substr(0, hash));
    return without_end(text);
}

/// Takes one off the begin of `text`; a key ends before ": ", other scalars with the line.
Result<std::string> take_scalar(std::string_view& text, bool is_key) {
    if (text.front() == '\'' || text.front() == '"') {
        const auto end = text.find(text.front(), 1);
        if (end == std::string_view::npos) return bad_input("a quoted text without an end");
        std::string scalar(text.substr(1, end - 1));
        text.remove_prefix(end + 1);
        if (scalar.find('\\') != std::string::npos || text.starts_with('\''))
            return bad_input("an escape in a quoted text, which is not read here");
        return scalar;
    }
    if (kIndicators.find(text.front()) != std::string_view::npos)
        return bad_input("found '" + std::string(text.substr(0, 1)) + "', expected 'key: value' with plain texts");
    std::string_view plain = without_comment(text);
    if (is_key) {
        std::size_t colon = 0;
        while (colon < plain.size() && (plain[colon] != ':' || (colon + 1 < plain.size() && plain[colon + 1] != ' ')))
            ++colon;
        plain = plain.substr(0, colon);
    } else if (plain.find(": ") != std::string_view::npos || plain.ends_with(':')) {
        return bad_input("a second ':' in one line; expected quotes around such a text");
    }
    text.remove_prefix(plain.size());
    return std::string(without_end(plain));
}

Result<Line> parse_line(std::string_view text) {
    Line line;
    line.indent = text.find_first_not_of(' ');
    text.remove_prefix(line.indent);
    if (text.front() == '\t') return bad_input("a tab before content, expected spaces");
    HALLMARK_TRY(line.key, take_scalar(text, true));
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (line.key.empty() || !text.starts_with(':') || (text.size() > 1 && text[1] != ' '))
        return bad_input("found no 'key: value'");
    text.remove_prefix(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (without_comment(text).empty()) return line;
    HALLMARK_TRY(line.value, take_scalar(text, false));
    if (!without_comment(text).empty()) return bad_input("more behind a quoted text");
    return line;
}

class Parser {
public:
    Parser(std::vector<Line> lines, std::string what) : lines_(std::move(lines)), what_(std::move(what)) {}

    [[nodiscard]] bool at_end() const { return next_ == lines_.size(); }

    /// The mapping whose keys stand where the next line's does.
    Result<Json> mapping(std::size_t depth) {
        if (depth > kDeepestYaml) return error("nested deeper than " + std::to_string(kDeepestYaml) + " levels");
        Json json = Json::object();
        const std::size_t indent = lines_[next_].indent;
        while (!at_end() && lines_[next_].indent >= indent) {
            Line& line = lines_[next_];
            if (line.indent > indent) return error("indented further than what it stands beside");
            if (json.contains(line.key)) return error("key '" + line.key + "' stands twice");
            ++next_;
            if (line.value) {
                json[line.key] = std::move(*line.value);
                continue;
            }
            const bool below = !at_end() && lines_[next_].indent > indent;
            HALLMARK_TRY(json[line.key], below ? mapping(depth + 1) : Result<Json>(Json()));
        }
        return json;
    }

    [[nodiscard]] std::unexpected<Error> error(const std::string& why) const {
        return bad_input(what_ + ": line " + std::to_string(lines_[next_].number) + ": " + why);
    }

private:
    std::vector<Line> lines_;
    std::string what_;
    std::size_t next_ = 0;
};

Result<std::vector<Line>> lines_of(std::string_view text, const std::string& what) {
    std::vector<Line> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto raw = without_end(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (without_comment(raw).empty() || (lines.empty() && raw == "---")) continue;
        if (lines.size() == kMostYamlLines)
            return bad_input(what + ": more than " + std::to_string(kMostYamlLines) + " lines");
        auto line = parse_line(raw);
        if (!line) return std::unexpected(line.error().at(what + ": line " + std::to_string(number)));
        line->number = number;
        lines.push_back(std::move(*line));
    }
    return lines;
}

}  // namespace

Result<Json> parse_yaml_subset(std::string_view text, std::string_view what) {
    const std::string name(what);
    if (text.size() > kLargestYaml)
        return bad_input(name + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestYaml));
    HALLMARK_TRY(std::vector<Line> lines, lines_of(text, name));
    if (lines.empty()) return Json::object();
    Parser parser(std::move(lines), name);
    HALLMARK_TRY(Json json, parser.mapping(1));
    if (!parser.at_end()) return parser.error("indented less than the first key");
    return json;
}

}  // namespace hallmark::image_policy
