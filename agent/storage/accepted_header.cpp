// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/accepted_header.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include "agent/storage/luks2_header.hpp"
#include "common/base64.hpp"

namespace hallmark::storage {
namespace {

/// As cryptsetup 2.4 to 2.7 writes it for
///   luksFormat --type luks2 --cipher aes-xts-plain64 --key-size 512 --integrity hmac-sha256 --sector-size 4096
///              --pbkdf pbkdf2 --pbkdf-force-iterations 1000
/// The order of keys means nothing. Where it says kAnyBytes, 32 bytes in base64 may stand: salts, and a digest of the
/// volume's key.
constexpr std::string_view kAnyBytes = "32 bytes";
// clang-format off
constexpr std::string_view kAccepted = R"json({
  "keyslots": {"0": {
    "type": "luks2", "key_size": 96,
    "af": {"type": "luks1", "stripes": 4000, "hash": "sha256"},
    "area": {"type": "raw", "offset": "32768", "size": "385024", "encryption": "aes-xts-plain64", "key_size": 64},
    "kdf": {"type": "pbkdf2", "hash": "sha256", "iterations": 1000, "salt": "32 bytes"}
  }},
  "tokens": {},
  "segments": {"0": {
    "type": "crypt", "offset": "16777216", "size": "dynamic", "iv_tweak": "0",
    "encryption": "aes-xts-plain64", "sector_size": 4096,
    "integrity": {"type": "hmac(sha256)", "journal_encryption": "none", "journal_integrity": "none"}
  }},
  "digests": {"0": {
    "type": "pbkdf2", "keyslots": ["0"], "segments": ["0"],
    "hash": "sha256", "iterations": 1000, "salt": "32 bytes", "digest": "32 bytes"
  }},
  "config": {"json_size": "12288", "keyslots_size": "16744448"}
})json";
// clang-format on
constexpr std::size_t kBytes = 32;
constexpr std::size_t kLongestShown = 60;

std::string written(const Json& value) {
    return value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

std::string shown(const Json& value) {
    std::string text = written(value);
    if (text.size() > kLongestShown) text = text.substr(0, kLongestShown) + "...";
    return text;
}

Status unlike(const std::string& where, const Json& found, const std::string& expected) {
    return refused("LUKS2 header: " + where + ": found " + shown(found) + ", expected " + expected);
}

Status compare(const Json& found, const Json& accepted, const std::string& where);

Status compare_objects(const Json& found, const Json& accepted, const std::string& where) {
    const std::string inside = where.empty() ? "" : where + ".";
    for (const auto& [key, value] : found.items())
        if (!accepted.contains(key)) return unlike(inside + key, value, "no such key");
    for (const auto& [key, value] : accepted.items()) {
        if (!found.contains(key))
            return refused("LUKS2 header: " + inside + key + ": missing, expected " + shown(value));
        HALLMARK_CHECK(compare(found[key], value, inside + key));
    }
    return {};
}

Status compare_bytes(const Json& found, const std::string& where) {
    const auto* const text = found.get_ptr<const Json::string_t*>();
    if (text != nullptr)
        if (const auto bytes = from_base64(*text); bytes && bytes->size() == kBytes) return {};
    return unlike(where, found, "32 bytes in base64");
}

/// Where both are objects, key by key; anything else has to be written in the same way, down to 1000 for 1000.
Status compare(const Json& found, const Json& accepted, const std::string& where) {
    if (found.is_object() && accepted.is_object()) return compare_objects(found, accepted, where);
    if (accepted == Json(kAnyBytes)) return compare_bytes(found, where);
    if (found.type() == accepted.type() && written(found) == written(accepted)) return {};
    return unlike(where.empty() ? "its metadata" : where, found, shown(accepted));
}

}  // namespace

Status check_metadata(const Json& metadata) {
    HALLMARK_TRY(const Json accepted, parse_json(kAccepted, "the accepted header"));
    return compare(metadata, accepted, "");
}

Status check_header(ByteSpan device) {
    HALLMARK_TRY(const luks2::Header header, luks2::parse_header(device));
    return check_metadata(header.metadata);
}

}  // namespace hallmark::storage
