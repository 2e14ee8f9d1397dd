// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/tar.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace hallmark::boot::demo {
namespace {

constexpr std::size_t kBlock = sizeof(UstarHeader);
constexpr unsigned kMode = 0755;

/// Digits and a zero byte fill the field.
template <std::size_t kSize>
void put_octal(std::array<char, kSize>& field, std::uint64_t number) {
    for (std::size_t i = kSize - 1; i-- > 0; number /= 8) field[i] = static_cast<char>('0' + number % 8);
}

template <std::size_t kSize>
Status put_text(std::array<char, kSize>& field, std::string_view text) {
    if (text.size() >= kSize)
        return bad_input("tar: '" + std::string(text) + "' has " + std::to_string(text.size()) +
                         " bytes, expected at most " + std::to_string(kSize - 1));
    std::ranges::copy(text, field.begin());
    return {};
}

Result<UstarHeader> header_of(const Entry& entry) {
    UstarHeader header;
    HALLMARK_CHECK(put_text(header.name, entry.path));
    HALLMARK_CHECK(put_text(header.target, entry.target));
    put_octal(header.mode, kMode);
    put_octal(header.owner, 0);
    put_octal(header.group, 0);
    put_octal(header.size, entry.content.size());
    put_octal(header.modified, 0);
    header.kind = static_cast<char>(entry.kind);
    header.magic = {'u', 's', 't', 'a', 'r', 0};
    header.version = {'0', '0'};
    header.checksum.fill(' ');
    const auto bytes = as_bytes(header);
    const auto sum = std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
    put_octal(header.checksum, sum);
    return header;
}

}  // namespace

Result<Bytes> make_tar(std::span<const Entry> entries) {
    Bytes tar;
    for (const auto& entry : entries) {
        HALLMARK_TRY(const UstarHeader header, header_of(entry));
        append(tar, as_bytes(header));
        append(tar, entry.content);
        tar.resize((tar.size() + kBlock - 1) / kBlock * kBlock);
    }
    tar.resize(tar.size() + 2 * kBlock);
    return tar;
}

}  // namespace hallmark::boot::demo
