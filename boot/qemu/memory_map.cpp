// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/memory_map.hpp"

#include <charconv>

#include "common/checked.hpp"
#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

constexpr std::string_view kWhat = "info mtree -f";

/// Takes a hexadecimal number from the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

/// "00000000000e0000-00000000000fffff (prio 0, rom): pc.bios @00000000003e0000"
std::optional<MemoryRange> parse_range(std::string_view line) {
    MemoryRange range;
    const auto first = take_number(line);
    if (!first || !take(line, "-")) return std::nullopt;
    const auto last = take_number(line);
    if (!last || *last < *first || !take(line, " (prio ")) return std::nullopt;
    const auto comma = line.find(", ");
    if (comma == std::string_view::npos) return std::nullopt;
    line.remove_prefix(comma + 2);
    const auto close = line.find("): ");
    if (close == std::string_view::npos) return std::nullopt;
    range.kind = line.substr(0, close);
    line.remove_prefix(close + 3);
    const auto at = line.find(" @");
    range.region = line.substr(0, at);
    if (at != std::string_view::npos) {
        line.remove_prefix(at + 2);
        const auto offset = take_number(line);
        if (!offset || !checked_add(*offset, *last - *first)) return std::nullopt;  // the region ends somewhere
        range.offset = *offset;
    }
    range.first = *first;
    range.last = *last;
    return range;
}

std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    return line;
}

}  // namespace

Result<MemoryMap> parse_memory_map(std::string_view text) {
    std::vector<MemoryRange> ranges;
    bool in_view = false;
    while (!text.empty()) {
        const auto line = take_line(text);
        if (line.starts_with("FlatView #")) {
            if (in_view) break;
        } else if (line.starts_with("AS \"memory\",")) {
            in_view = true;
        } else if (in_view && !line.empty() && !line.starts_with("AS ") && !line.starts_with("Root memory region")) {
            auto range = parse_range(line);
            if (!range) return bad_input(std::string(kWhat) + ": found '" + std::string(line) + "', expected a range");
            if (!ranges.empty() && range->first <= ranges.back().last)
                return bad_input(std::string(kWhat) + ": " + hex_number(range->first) +
                                 ": ranges overlap or are out of order");
            ranges.push_back(std::move(*range));
        }
    }
    if (ranges.empty()) return bad_input(std::string(kWhat) + ": no ranges of the address space \"memory\"");
    return MemoryMap(std::move(ranges));
}

Result<MemoryRange> MemoryMap::firmware() const {
    constexpr std::uint64_t kLast = 0xffff'ffff;
    for (const auto& range : ranges_)
        if (range.last == kLast && (range.kind == "rom" || range.kind == "romd")) return range;
    return refused("no firmware ends at " + hex_number(kLast) + " in the memory map of QEMU");
}

Result<std::uint64_t> MemoryMap::ram_offset(std::string_view region, std::uint64_t address, std::uint64_t size) const {
    const auto end = checked_add(address, size);
    for (const auto& range : ranges_)
        if (end && size != 0 && range.kind == "ram" && range.region == region && address >= range.first &&
            *end - 1 <= range.last)
            return range.offset + (address - range.first);
    return refused("guest memory at " + hex_number(address) + " (" + std::to_string(size) + " bytes) is not RAM");
}

}  // namespace hallmark::boot
