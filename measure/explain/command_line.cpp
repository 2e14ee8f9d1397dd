// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/command_line.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "common/hex.hpp"

namespace hallmark::explain {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kInitrd = "initrd=initrd";

std::string replaced(std::string_view line, std::string_view from, std::string_view to) {
    std::string text;
    for (auto at = line.find(from); at != std::string_view::npos; at = line.find(from)) {
        text += std::string(line.substr(0, at)) + std::string(to);
        line.remove_prefix(at + from.size());
    }
    return text += line;
}

std::string without_end_blanks(std::string_view line) {
    return std::string(line.substr(0, line.find_last_not_of(kBlanks) + 1));
}

std::string without_begin_blanks(std::string_view line) {
    const auto first = line.find_first_not_of(kBlanks);
    return first == std::string_view::npos ? "" : std::string(line.substr(first));
}

/// Every run of blanks as one space: what a shell makes of a text that isn't quoted.
std::string single_spaces(std::string_view line) {
    std::string text;
    for (const char c : line) {
        const bool blank = kBlanks.find(c) != std::string_view::npos;
        if (!blank || text.empty() || text.back() != ' ') text += blank ? ' ' : c;
    }
    return without_end_blanks(text);
}

std::string without_outer(std::string_view line, char quote) {
    if (line.size() < 2 || line.front() != quote || line.back() != quote) return std::string(line);
    return std::string(line.substr(1, line.size() - 2));
}

void add_line_ends(std::vector<std::string>& into, const std::string& line) {
    for (const char* end : {"\n", " ", "\r\n", "\t"}) into.push_back(line + end);
    into.push_back(" " + line);
    into.push_back(without_end_blanks(line));
    into.push_back(without_begin_blanks(line));
    into.push_back(without_begin_blanks(without_end_blanks(line)));
    into.push_back(single_spaces(line));
    into.push_back(replaced(line, "\n", " "));
}

void add_quotes(std::vector<std::string>& into, const std::string& line) {
    into.push_back('"' + line + '"');
    into.push_back('\'' + line + '\'');
    into.push_back(without_outer(line, '"'));
    into.push_back(without_outer(line, '\''));
    constexpr std::array<std::array<std::string_view, 2>, 11> kReplacements = {{
        {"\"", ""},
        {"'", ""},
        {"\\", ""},
        {"\"", "\\\""},
        {"\\\"", "\""},
        {"\"", "\"\""},
        {"\"\"", "\""},
        {"\"", "'"},
        {"'", "\""},
        {"\\", "\\\\"},
        {"\\\\", "\\"},
    }};
    for (const auto& [from, to] : kReplacements) into.push_back(replaced(line, from, to));
}

void add_initrd(std::vector<std::string>& into, const std::string& line) {
    const std::string word(kInitrd);
    into.push_back(line.empty() ? word : word + " " + line);
    into.push_back(line.empty() ? word : line + " " + word);
    into.push_back(replaced(line, word + " ", ""));
    into.push_back(replaced(line, " " + word, ""));
    into.push_back(replaced(line, word, ""));
}

/// Also those that change nothing here.
std::vector<std::string> slips(const std::string& line) {
    std::vector<std::string> found;
    add_line_ends(found, line);
    add_quotes(found, line);
    add_initrd(found, line);
    found.emplace_back();
    return found;
}

}  // namespace

std::vector<std::string> slipped(std::string_view line) {
    std::set<std::string> seen = {std::string(line)};
    std::vector<std::string> lines;
    const auto add = [&](const std::string& from) {
        for (auto& slip : slips(from))
            if (seen.insert(slip).second) lines.push_back(std::move(slip));
    };
    add(std::string(line));
    const auto once = lines;
    for (const auto& slip : once) add(slip);
    return lines;
}

std::string in_quotes(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            result += "\\n";
        else if (c == '\r')
            result += "\\r";
        else if (c == '\t')
            result += "\\t";
        else if (byte < 0x20 || byte >= 0x7f)
            result += "\\x" + hex_number(byte, 2).substr(2);
        else
            result += c;
    }
    return result + "'";
}

}  // namespace hallmark::explain
