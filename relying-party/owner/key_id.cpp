// SPDX-License-Identifier: Apache-2.0
#include "relying-party/owner/key_id.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstdint>

#include "common/hex.hpp"
#include "common/openssl.hpp"

namespace hallmark::owner {
namespace {

constexpr std::string_view kScheme = "kbs://";
constexpr std::string_view kNewKeys = "default/image-kek/";

/// A random UUID: RFC 9562, section 5.4.
Result<std::string> uuid() {
    std::array<std::uint8_t, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return std::unexpected(openssl::error("naming a key"));
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // the variant of RFC 9562
    std::string text = to_hex(bytes);
    for (const std::size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
    return text;
}

}  // namespace

Result<KeyId> parse_key_id(std::string_view text) {
    const auto end = text.find("://");
    const std::string uri =
        end == std::string_view::npos ? std::string(kScheme) + std::string(text) : std::string(text);
    auto path = keys::ResourcePath::of_uri(uri);
    if (!path) return std::unexpected(path.error().at("key id"));
    const auto after = std::string_view(uri).substr(uri.find("://") + 3);
    return KeyId{std::string(kScheme) + std::string(after), *std::move(path)};
}

Result<KeyId> new_key_id() {
    HALLMARK_TRY(const std::string name, uuid());
    return parse_key_id("/" + std::string(kNewKeys) + name);
}

}  // namespace hallmark::owner
