// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/armor.hpp"

#include <cstdint>
#include <string_view>

#include "common/base64.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view kEnd = "-----END PGP PUBLIC KEY BLOCK-----";

/// RFC 4880, section 6.1.
std::uint32_t crc24(ByteSpan bytes) {
    std::uint32_t crc = 0xb704ce;
    for (const auto byte : bytes) {
        crc ^= std::uint32_t{byte} << 16;
        for (int i = 0; i < 8; ++i) {
            crc <<= 1;
            if ((crc & 0x1000000) != 0) crc ^= 0x1864cfb;
        }
    }
    return crc & 0xffffff;
}

std::string_view trimmed(std::string_view line) {
    const auto end = line.find_last_not_of(" \t\r");
    return end == std::string_view::npos ? std::string_view() : line.substr(0, end + 1);
}

/// The next line without white space at its end, taken off `text`.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return trimmed(line);
}

Status check_sum(std::string_view sum, ByteSpan content, const std::string& what) {
    const auto expected = from_base64(sum);
    const auto crc = crc24(content);
    const Bytes found = {static_cast<std::uint8_t>(crc >> 16), static_cast<std::uint8_t>(crc >> 8),
                         static_cast<std::uint8_t>(crc)};
    if (!expected || *expected != found)
        return bad_input(what + ": the armour's checksum is " + to_base64(found) + ", but it says '" +
                         std::string(sum.substr(0, 8)) + "'");
    return {};
}

/// Behind the line of the begin.
Status read_block(std::string_view& text, Bytes& into, const std::string& what) {
    std::string_view line = take_line(text);
    while (line.find(": ") != std::string_view::npos || line.ends_with(':')) line = take_line(text);
    if (!line.empty()) return bad_input(what + ": no empty line behind the armour's headers");
    std::string digits;
    std::string_view sum;
    for (;;) {
        if (text.empty()) return bad_input(what + ": no line '" + std::string(kEnd) + "'");
        line = take_line(text);
        if (line == kEnd) break;
        if (!sum.empty()) return bad_input(what + ": more lines behind the armour's checksum");
        if (line.starts_with('='))
            sum = line.substr(1);
        else
            digits += line;
    }
    auto content = from_base64(digits);
    if (!content) return std::unexpected(content.error().at(what + ": armour"));
    if (!sum.empty()) HALLMARK_CHECK(check_sum(sum, *content, what));
    append(into, *content);
    return {};
}

}  // namespace

Result<Bytes> without_armor(ByteSpan keyring, const std::string& what) {
    if (keyring.empty()) return bad_input(what + ": empty, expected a keyring of OpenPGP");
    if ((keyring[0] & 0x80) != 0) return Bytes(keyring.begin(), keyring.end());
    std::string_view text = text_of(keyring);
    Bytes packets;
    while (!text.empty()) {
        const auto line = take_line(text);
        if (line == kBegin)
            HALLMARK_CHECK(read_block(text, packets, what));
        else if (line.starts_with("-----BEGIN"))
            return bad_input(what + ": another armour than '" + std::string(kBegin) +
                             "'; `gpg --export --armor` writes that");
    }
    if (packets.empty())
        return bad_input(what + ": found " + hex_number(keyring[0], 2) + " first and no line '" + std::string(kBegin) +
                         "', expected a keyring of OpenPGP");
    return packets;
}

}  // namespace hallmark::image_policy::openpgp
