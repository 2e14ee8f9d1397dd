// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/subpackets.hpp"

#include <algorithm>
#include <bitset>
#include <cstdint>

#include "common/hex.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

constexpr std::uint8_t kCritical = 0x80;
constexpr std::uint8_t kVersion4 = 4;

enum class Kind : std::uint8_t {
    kCreated = 2,
    kExpiresAfter = 3,
    kKeyExpiresAfter = 9,
    kRevoker = 12,
    kIssuer = 16,
    kKeyFlags = 27,
    kEmbedded = 32,
    kIssuerFingerprint = 33,
};

/// Known, and of no meaning for the question whether a signature holds: who may export or revoke it, what its maker
/// prefers, which of several user IDs is the first, addresses, features, why a key was revoked.
bool has_no_say(std::uint8_t kind) {
    switch (kind) {
        case 4:
        case 7:
        case 11:
        case 21:
        case 22:
        case 23:
        case 24:
        case 25:
        case 26:
        case 28:
        case 29:
        case 30:
        case 34:
        case 39:
            return true;
        default:
            return false;
    }
}

Result<std::uint32_t> read_length(Reader& reader) {
    HALLMARK_TRY(const std::uint8_t first, read_u8(reader));
    if (first < 192) return first;
    if (first == 255) return read_number(reader, 4);
    HALLMARK_TRY(const std::uint8_t second, read_u8(reader));
    return ((first - 192U) << 8) + second + 192;
}

Result<std::uint32_t> seconds_of(ByteSpan content, const std::string& what) {
    Reader reader(content, what);
    HALLMARK_TRY(const std::uint32_t seconds, read_number(reader, 4));
    HALLMARK_CHECK(reader.finished());
    return seconds;
}

/// What counts wherever it stands: a hint, and a signature that vouches for itself.
Status read_anywhere(Kind kind, ByteSpan content, Subpackets& into, const std::string& what) {
    if (kind == Kind::kIssuer) {
        if (content.size() != 8)
            return bad_input(what + ": an issuer of " + std::to_string(content.size()) + " bytes, expected 8");
        std::ranges::copy(content, into.issuer.emplace().begin());
    }
    if (kind == Kind::kEmbedded) into.embedded.assign(content.begin(), content.end());
    return {};
}

Status read_hashed(Kind kind, ByteSpan content, Subpackets& into, const std::string& what) {
    switch (kind) {
        case Kind::kCreated: {
            HALLMARK_TRY(into.created, seconds_of(content, what + ": time of creation"));
            return {};
        }
        case Kind::kExpiresAfter: {
            HALLMARK_TRY(into.expires_after, seconds_of(content, what + ": expiry"));
            return {};
        }
        case Kind::kKeyExpiresAfter: {
            HALLMARK_TRY(into.key_expires_after, seconds_of(content, what + ": expiry of the key"));
            return {};
        }
        case Kind::kKeyFlags:
            into.key_flags = content.empty() ? std::uint8_t{0} : content[0];
            return {};
        case Kind::kRevoker:
            into.names_revoker = true;
            return {};
        case Kind::kIssuerFingerprint:
            if (content.size() != 1 + sizeof(Sha1) || content[0] != kVersion4)
                return bad_input(what + ": the issuer's fingerprint is not of a version 4 key");
            std::ranges::copy(content.subspan(1), into.issuer_fingerprint.emplace().begin());
            return {};
        case Kind::kIssuer:
        case Kind::kEmbedded:
            return read_anywhere(kind, content, into, what);
    }
    return {};
}

bool counts(std::uint8_t kind) {
    switch (static_cast<Kind>(kind)) {
        case Kind::kCreated:
        case Kind::kExpiresAfter:
        case Kind::kKeyExpiresAfter:
        case Kind::kRevoker:
        case Kind::kIssuer:
        case Kind::kKeyFlags:
        case Kind::kEmbedded:
        case Kind::kIssuerFingerprint:
            return true;
    }
    return false;
}

}  // namespace

Status read_subpackets(ByteSpan area, Area kind, Subpackets& into, const std::string& what) {
    Reader reader(area, what + ": subpackets");
    std::bitset<128> seen;
    while (reader.remaining() > 0) {
        HALLMARK_TRY(const std::uint32_t length, read_length(reader));
        HALLMARK_TRY(const ByteSpan subpacket, reader.bytes(length));
        if (subpacket.empty()) return bad_input(what + ": a subpacket of no bytes");
        const bool critical = (subpacket[0] & kCritical) != 0;
        const auto number = static_cast<std::uint8_t>(subpacket[0] & 0x7f);
        const ByteSpan content = subpacket.subspan(1);
        if (!counts(number)) {
            if (critical && !has_no_say(number))
                return bad_input(what + ": critical subpacket " + std::to_string(number) +
                                 ", which this version does not know");
            continue;
        }
        if (kind == Area::kUnhashed) {
            HALLMARK_CHECK(read_anywhere(static_cast<Kind>(number), content, into, what));
            continue;
        }
        // Several revokers may be named; of anything else the second would say otherwise than the first.
        if (seen[number] && static_cast<Kind>(number) != Kind::kRevoker)
            return bad_input(what + ": subpacket " + std::to_string(number) + " stands twice");
        seen.set(number);
        HALLMARK_CHECK(read_hashed(static_cast<Kind>(number), content, into, what));
    }
    return {};
}

}  // namespace hallmark::image_policy::openpgp
