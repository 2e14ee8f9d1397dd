// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/pax.hpp"

#include <algorithm>
#include <utility>

#include "agent/oci/text.hpp"

namespace hallmark::unpack {
namespace {

constexpr std::string_view kXattr = "SCHILY.xattr.";
constexpr std::string_view kSparse = "GNU.sparse.";

struct Record {
    std::string_view key;
    std::string_view value;
};

/// Takes "<length> <key>=<value>\n" off the front; the length counts the whole record.
Result<Record> take_record(std::string_view& left) {
    const auto space = left.find(' ');
    if (space == std::string_view::npos || space > 7) return bad_input("pax record: found no length, expected one");
    HALLMARK_TRY(const auto size, decimal(left.substr(0, space), "pax record: length"));
    if (size > left.size() || size < space + 2 || left[size - 1] != '\n')
        return bad_input("pax record: length " + std::to_string(size) + " doesn't lead to its end");
    const auto body = left.substr(space + 1, size - space - 2);
    const auto equals = body.find('=');
    if (equals == std::string_view::npos || equals == 0 || body.substr(0, equals).contains('\0'))
        return bad_input("pax record: found no keyword, expected one");
    left.remove_prefix(size);
    return Record{body.substr(0, equals), body.substr(equals + 1)};
}

/// "[-]<seconds>[.<fraction>]"; digits beyond nanoseconds are cut off.
Result<Time> time_of(std::string_view text, std::string_view what) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto dot = std::min(text.find('.'), text.size());
    HALLMARK_TRY(const auto seconds, decimal(text.substr(0, dot), what));
    Time time{.seconds = static_cast<std::int64_t>(seconds)};
    auto fraction = std::string(dot < text.size() ? text.substr(dot + 1) : "");
    if (!std::ranges::all_of(fraction, [](char c) { return c >= '0' && c <= '9'; }))
        return bad_input(std::string(what) + ": found no time, expected one");
    fraction.resize(9, '0');
    for (const char digit : fraction)
        time.nanoseconds = time.nanoseconds * 10 + static_cast<std::uint32_t>(digit - '0');
    if (!negative) return time;
    time.seconds = -time.seconds;
    if (time.nanoseconds != 0) time = {time.seconds - 1, 1'000'000'000U - time.nanoseconds};
    return time;
}

Result<std::string> name_in(const Record& record) {
    if (record.value.size() > kLongestName)
        return bad_input("pax record " + oci::printable(record.key) + ": a name of " +
                         std::to_string(record.value.size()) + " bytes, expected at most " +
                         std::to_string(kLongestName));
    if (record.value.contains('\0'))
        return bad_input("pax record " + oci::printable(record.key) + ": a name with a NUL");
    return std::string(record.value);
}

Status take_xattr(Pax& pax, const Record& record) {
    if (record.value.size() > kLargestXattr || pax.xattrs.size() == kMostXattrs)
        return bad_input("pax record " + oci::printable(record.key) + ": more than " + std::to_string(kLargestXattr) +
                         " bytes or " + std::to_string(kMostXattrs) + " extended attributes");
    const auto value = as_bytes(record.value);
    pax.xattrs.emplace_back(record.key.substr(kXattr.size()), Bytes(value.begin(), value.end()));
    return {};
}

/// GNU.sparse.map of version 0.1: all numbers in one list.
Status take_map(Pax& pax, std::string_view list) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        HALLMARK_TRY(const auto number, decimal(list.substr(0, comma), "GNU.sparse.map"));
        pax.map.push_back(number);
        if (pax.map.size() > 2 * kMostExtents) return bad_input("GNU.sparse.map: more extents than a file may have");
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return {};
}

Status take_sparse(Pax& pax, const Record& record) {
    const auto key = record.key.substr(kSparse.size());
    pax.sparse = true;
    if (key == "name") {
        HALLMARK_TRY(pax.sparse_name, name_in(record));
    } else if (key == "major") {
        pax.map_in_data = record.value == "1";
        if (record.value != "0" && record.value != "1")
            return bad_input("GNU.sparse.major: '" + oci::printable(record.value) + "', expected 0 or 1");
    } else if (key == "realsize" || key == "size") {
        HALLMARK_TRY(pax.real_size, decimal(record.value, record.key));
    } else if (key == "map") {
        return take_map(pax, record.value);
    } else if (key == "offset" || key == "numbytes") {
        // In turns; kLargestPax bounds how many there are.
        if ((pax.map.size() % 2 == 0) != (key == "offset")) return bad_input("GNU.sparse.offset: not in turns");
        HALLMARK_TRY(const auto number, decimal(record.value, record.key));
        pax.map.push_back(number);
    }
    return {};
}

Status take(Pax& pax, const Record& record) {
    if (record.key.starts_with(kXattr)) return take_xattr(pax, record);
    if (record.value.empty()) return {};
    if (record.key.starts_with(kSparse)) return take_sparse(pax, record);
    if (record.key == "path") {
        HALLMARK_TRY(pax.path, name_in(record));
    } else if (record.key == "linkpath") {
        HALLMARK_TRY(pax.link, name_in(record));
    } else if (record.key == "size") {
        HALLMARK_TRY(pax.size, decimal(record.value, "size"));
    } else if (record.key == "uid") {
        HALLMARK_TRY(pax.uid, decimal(record.value, "uid"));
    } else if (record.key == "gid") {
        HALLMARK_TRY(pax.gid, decimal(record.value, "gid"));
    } else if (record.key == "mtime") {
        HALLMARK_TRY(pax.modified, time_of(record.value, "mtime"));
    } else if (record.key == "atime") {
        HALLMARK_TRY(pax.accessed, time_of(record.value, "atime"));
    }
    return {};
}

}  // namespace

Result<std::uint64_t> decimal(std::string_view text, std::string_view what) {
    constexpr std::uint64_t kLargest = INT64_MAX;
    std::uint64_t value = 0;
    for (const char c : text) {
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (c < '0' || c > '9' || value > (kLargest - digit) / 10)
            return bad_input(std::string(what) + ": '" + oci::printable(text, 24) +
                             "', expected a number from 0 to 2⁶³-1");
        value = value * 10 + digit;
    }
    if (text.empty()) return bad_input(std::string(what) + ": found nothing, expected a number");
    return value;
}

Result<Pax> parse_pax(std::string_view records) {
    Pax pax;
    while (!records.empty()) {
        HALLMARK_TRY(const Record record, take_record(records));
        HALLMARK_CHECK(take(pax, record));
    }
    return pax;
}

}  // namespace hallmark::unpack
