// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/tar_header.hpp"
#include "common/text.hpp"

#include <algorithm>

namespace hallmark::unpack {
namespace {

constexpr std::string_view kPosix{"ustar\0", 6};
constexpr std::string_view kAnyUstar = "ustar";

constexpr std::uint8_t kBase256 = 0x80;
constexpr std::uint8_t kNegative = 0x40;

Result<std::int64_t> base_256(ByteSpan field, std::string_view what) {
    const bool negative = (field[0] & kNegative) != 0;
    const std::uint64_t fill = negative ? ~std::uint64_t{0} : 0;
    std::uint64_t value = fill;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const auto byte = i == 0 ? static_cast<std::uint8_t>(negative ? field[0] : field[0] & ~kBase256) : field[i];
        // What is shifted out, and the sign below it, has to be the sign.
        if (static_cast<std::int64_t>(value) >> 55 != static_cast<std::int64_t>(fill))
            return bad_input(std::string(what) + ": a number beyond 64 bits");
        value = value << 8U | byte;
    }
    return static_cast<std::int64_t>(value);
}

}  // namespace

bool checksum_is_right(const TarHeader& header) {
    const auto bytes = as_bytes(header);
    std::int64_t as_unsigned = 0;
    std::int64_t as_signed = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool own = i >= offsetof(TarHeader, checksum) && i < offsetof(TarHeader, type);
        const std::uint8_t byte = own ? ' ' : bytes[i];
        as_unsigned += byte;
        as_signed += static_cast<std::int8_t>(byte);
    }
    const auto expected = field_number(header.checksum, "checksum");
    return expected && (*expected == as_unsigned || *expected == as_signed);
}

Result<std::int64_t> field_number(ByteSpan field, std::string_view what) {
    if ((field[0] & kBase256) != 0) return base_256(field, what);
    const auto blank = [](std::uint8_t byte) { return byte == ' ' || byte == 0; };
    const auto* begin = std::find_if_not(field.data(), field.data() + field.size(), blank);
    std::int64_t value = 0;
    for (; begin != field.data() + field.size() && !blank(*begin); ++begin) {
        if (*begin < '0' || *begin > '7') return bad_input(std::string(what) + ": found no octal number, expected one");
        value = value * 8 + (*begin - '0');  // at most twelve digits
    }
    return value;
}

std::string_view field_text(ByteSpan field) {
    const auto whole = text_of(field);
    return whole.substr(0, whole.find('\0'));
}

std::string name_of(const TarHeader& header) {
    std::string name(field_text(header.name));
    const auto prefix = field_text(header.prefix);
    if (text_of(header.magic).starts_with(kPosix) && !prefix.empty()) return std::string(prefix) + "/" + name;
    return name;
}

bool has_devices(const TarHeader& header) { return text_of(header.magic).starts_with(kAnyUstar); }

}  // namespace hallmark::unpack
