// SPDX-License-Identifier: Apache-2.0
// A signature packet of OpenPGP, read and not yet checked.
// Source: RFC 9580, sections 5.2.1 (types), 5.2.3 (version 4), 5.2.3.7 and following (subpackets).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "agent/image-policy/openpgp/key.hpp"
#include "agent/image-policy/openpgp/packet.hpp"
#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

enum class SignatureType : std::uint8_t {
    kBinary = 0x00,
    kGenericCertification = 0x10,
    kPersonaCertification = 0x11,
    kCasualCertification = 0x12,
    kPositiveCertification = 0x13,
    kSubkeyBinding = 0x18,
    kPrimaryKeyBinding = 0x19,
    kDirectKey = 0x1f,
    kKeyRevocation = 0x20,
    kSubkeyRevocation = 0x28,
    kCertificationRevocation = 0x30,
};

/// RFC 9580, section 9.5. No other verifies anything here: SHA-1 and MD5 have collisions.
enum class HashAlgorithm : std::uint8_t { kSha256 = 8, kSha384 = 9, kSha512 = 10 };

inline constexpr std::uint8_t kMayCertify = 0x01;
inline constexpr std::uint8_t kMaySign = 0x02;

/// What subpackets say. All but the issuer's ID and the embedded signature only where they are signed themselves.
struct Subpackets {
    std::optional<std::uint32_t> created;               ///< seconds since 1970
    std::uint32_t expires_after = 0;                    ///< seconds after `created`; 0: never
    std::uint32_t key_expires_after = 0;                ///< seconds after the key was created; 0: never
    std::optional<std::uint8_t> key_flags;              ///< the first byte: kMayCertify, kMaySign, …
    bool names_revoker = false;                         ///< somebody else may revoke the key
    std::optional<Sha1> issuer_fingerprint;             ///< of a version 4 key
    std::optional<std::array<std::uint8_t, 8>> issuer;  ///< the key's ID: only a hint where to look
    Bytes embedded;                                     ///< the body of a signature packet; empty: none
};

struct Signature {
    SignatureType type{};
    KeyAlgorithm algorithm{};
    HashAlgorithm hash{};
    Subpackets says;
    Bytes hashed;                           ///< what is hashed of the packet, with the trailer
    std::array<std::uint8_t, 2> left_16{};  ///< of the digest
    Bytes values;                           ///< the algorithm's numbers, as they came

    /// Version 4, a hash of SHA-2, and no critical subpacket that this version does not know.
    static Result<Signature> parse(ByteSpan body, const std::string& what);

    /// The signature was made by this key, as far as it says.
    [[nodiscard]] bool names(const PublicKey& key) const;
    /// "F85178B00CF088D4", or "an unnamed key"
    [[nodiscard]] std::string issuer() const;
};

}  // namespace hallmark::image_policy::openpgp
