// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/registers.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace hallmark::boot {
namespace {

constexpr std::string_view kWhat = "info registers";

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \r") - first + 1);
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> found;
    while (!(text = trim(text)).empty()) {
        const auto end = text.find(' ');
        found.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
    }
    return found;
}

template <class T>
std::optional<T> hexadecimal(std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

bool is_segment(std::string_view name) {
    static constexpr std::array<std::string_view, 10> kNames = {"ES", "CS",  "SS", "DS",  "FS",
                                                                "GS", "LDT", "TR", "GDT", "IDT"};
    for (const auto known : kNames)
        if (name == known) return true;
    return false;
}

/// "ES =0000 00000000 0000ffff 00009300 [more]" or "GDT=     00000000 0000ffff".
Status read_segment(std::string_view name, std::string_view rest, Registers& registers) {
    const auto fields = words(rest);
    const bool table = name == "GDT" || name == "IDT";
    const std::size_t expected = table ? 2 : 4;
    const std::size_t base_at = table ? 0 : 1;
    const auto malformed = [&] {
        return bad_input(std::string(kWhat) + ": " + std::string(name) + ": found '" + std::string(trim(rest)) +
                         "', expected " + std::to_string(expected) + " hexadecimal fields");
    };
    // A segment's fields are followed by its meaning where the CPU has left real mode ("DPL=0 CS64 [-RA]").
    if (fields.size() < expected || (table && fields.size() != expected)) return malformed();
    const auto selector = table ? std::optional<std::uint16_t>(0) : hexadecimal<std::uint16_t>(fields[0]);
    const auto base = hexadecimal<std::uint64_t>(fields[base_at]);
    const auto limit = hexadecimal<std::uint32_t>(fields[base_at + 1]);
    const auto flags = table ? std::optional<std::uint32_t>(0) : hexadecimal<std::uint32_t>(fields[3]);
    if (!selector || !base || !limit || !flags) return malformed();
    registers.set(std::string(name), Segment{*selector, *base, *limit, *flags});
    return {};
}

/// "EAX=00000000 EBX=…", "R8 =0000000000000801 …", "EIP=0000fff0 EFL=00000002 [-------] CPL=0 …": words without '='
/// are decoration.
Status read_values(std::string_view line, Registers& registers) {
    std::string joined;
    for (const char c : line) {
        if (c == '=' && joined.ends_with(' ')) joined.pop_back();
        joined += c;
    }
    for (auto word : words(joined)) {
        if (word.starts_with('[')) word = word.substr(1);
        if (word.ends_with(']')) word.remove_suffix(1);
        const auto sign = word.find('=');
        if (sign == std::string_view::npos) continue;
        const auto name = word.substr(0, sign);
        // The FPU stack and vector registers stand in two words each; nothing here needs them.
        if (name.starts_with("FPR") || name.starts_with("XMM") || name.starts_with("YMM") || name.starts_with("ZMM") ||
            name.starts_with("Opmask"))
            return {};
        const auto value = hexadecimal<std::uint64_t>(word.substr(sign + 1));
        if (!value)
            return bad_input(std::string(kWhat) + ": " + std::string(name) + ": found '" +
                             std::string(word.substr(sign + 1)) + "', expected a hexadecimal number");
        registers.set(std::string(name), *value);
    }
    return {};
}

Status read_line(std::string_view line, Registers& registers) {
    const auto sign = line.find('=');
    if (sign == std::string_view::npos) return {};
    const auto name = trim(line.substr(0, sign));
    if (is_segment(name)) return read_segment(name, line.substr(sign + 1), registers);
    return read_values(line, registers);
}

}  // namespace

Result<std::uint64_t> Registers::value(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return bad_input(std::string(kWhat) + ": " + std::string(name) + " is missing");
    return found->second;
}

Result<Segment> Registers::segment(std::string_view name) const {
    const auto found = segments_.find(name);
    if (found == segments_.end()) return bad_input(std::string(kWhat) + ": " + std::string(name) + " is missing");
    return found->second;
}

Result<std::uint64_t> Registers::general(std::string_view end) const {
    const std::string wide = "R" + std::string(end);
    return values_.contains(wide) ? value(wide) : value("E" + std::string(end));
}

Result<std::vector<Registers>> parse_registers(std::string_view text) {
    std::vector<Registers> cpus;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = trim(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.starts_with("CPU#")) {
            if (line.substr(4) != std::to_string(cpus.size()))
                return bad_input(std::string(kWhat) + ": found '" + std::string(line) + "', expected CPU#" +
                                 std::to_string(cpus.size()));
            cpus.emplace_back();
        } else if (!line.empty()) {
            if (cpus.empty())
                return bad_input(std::string(kWhat) + ": found '" + std::string(line) + "' before any CPU");
            HALLMARK_CHECK(read_line(line, cpus.back()));
        }
    }
    if (cpus.empty()) return bad_input(std::string(kWhat) + ": no CPU in the answer");
    return cpus;
}

}  // namespace hallmark::boot
