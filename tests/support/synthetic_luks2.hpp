// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/hex.hpp"

namespace hallmark::test {

/// The metadata of a header that cryptsetup 2.6.1 made on a kernel 7.2 with device mapper (luksFormat --type luks2
/// --cipher aes-xts-plain64 --key-size 512 --integrity hmac-sha256 --sector-size 4096 --pbkdf pbkdf2
/// --pbkdf-force-iterations 1000), down to the byte.
constexpr std::string_view kLuks2Metadata =
    R"x({"keyslots":{"0":{"type":"luks2","key_size":96,"af":{"type":"luks1","stripes":4000,"hash":"sha256"},)x"
    R"x("area":{"type":"raw","offset":"32768","size":"385024","encryption":"aes-xts-plain64","key_size":64},)x"
    R"x("kdf":{"type":"pbkdf2","hash":"sha256","iterations":1000,)x"
    R"x("salt":"VjOI0q5jnuqyXeoKouX+QgC9sZ4Dfg9U8gFNlDzB1dQ="}}},"tokens":{},)x"
    R"x("segments":{"0":{"type":"crypt","offset":"16777216","size":"dynamic","iv_tweak":"0",)x"
    R"x("encryption":"aes-xts-plain64","sector_size":4096,)x"
    R"x("integrity":{"type":"hmac(sha256)","journal_encryption":"none","journal_integrity":"none"}}},)x"
    R"x("digests":{"0":{"type":"pbkdf2","keyslots":["0"],"segments":["0"],"hash":"sha256","iterations":1000,)x"
    R"x("salt":"Rh+ZGnth35uiSx7V29YgznZzwc541mRGMYBDfngWq+M=",)x"
    R"x("digest":"etwi2sj0okBP6+q3EBuV0vMqCjHXL7+voZRiIkXuEME="}},)x"
    R"x("config":{"json_size":"12288","keyslots_size":"16744448"}})x";

/// One copy of a header, written by hand from the LUKS2 specification, section 2.1; fields that are not here are zero.
struct Luks2Copy {
    std::string_view magic = {"LUKS\xba\xbe", 6};
    std::uint64_t version = 2;
    std::uint64_t size = 16384;
    std::uint64_t sequence = 3;
    std::string_view checksum_algorithm = "sha256";
    std::string_view salt = "";  ///< hex
    std::string_view uuid = "ac8590cf-9d0a-4d4a-8d05-a00fd69662f9";
    std::uint64_t offset = 0;
    std::string metadata{kLuks2Metadata};
    std::string_view checksum = "";  ///< hex; empty: the right one
};

inline Bytes luks2_copy(const Luks2Copy& copy) {
    Bytes bytes(16384);
    const auto number = [&](std::size_t at, std::size_t size, std::uint64_t value) {
        for (std::size_t i = 0; i < size; ++i)
            bytes.at(at + size - 1 - i) = static_cast<std::uint8_t>(value >> (8 * i));
    };
    const auto text = [&](std::size_t at, std::string_view value) {
        std::ranges::copy(value, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    };
    const auto put = [&](std::size_t at, const Bytes& value) {
        std::ranges::copy(value, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    };
    text(0x000, copy.magic);
    number(0x006, 2, copy.version);
    number(0x008, 8, copy.size);
    number(0x010, 8, copy.sequence);
    text(0x048, copy.checksum_algorithm);
    put(0x068, from_hex(copy.salt).value());
    text(0x0a8, copy.uuid);
    number(0x100, 8, copy.offset);
    text(0x1000, copy.metadata);
    const Sha256 right = sha256(bytes);
    put(0x1c0, copy.checksum.empty() ? Bytes(right.begin(), right.end()) : from_hex(copy.checksum).value());
    return bytes;
}

/// The second copy to a first one.
inline Luks2Copy second_of(Luks2Copy copy) {
    copy.magic = {"SKUL\xba\xbe", 6};
    copy.offset = 16384;
    return copy;
}

/// The beginning of a device, with a key slot of zeros.
inline Bytes luks2_device(const Luks2Copy& first, const Luks2Copy& second) {
    Bytes device = luks2_copy(first);
    const Bytes other = luks2_copy(second);
    device.insert(device.end(), other.begin(), other.end());
    device.resize(32768 + 385024);
    return device;
}

inline Bytes luks2_device(std::string_view metadata) {
    Luks2Copy first;
    first.metadata = metadata;
    return luks2_device(first, second_of(first));
}

}  // namespace hallmark::test
