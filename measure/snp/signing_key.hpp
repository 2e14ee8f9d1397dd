// SPDX-License-Identifier: Apache-2.0
// ECDSA P-384 keys in the security processor's form.
// Source: AMD "SEV Secure Nested Paging Firmware ABI Specification", publication 56860, revision 1.58, chapter 10
// ("Public Key Formats", "Signature Formats").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/endian.hpp"
#include "common/formats/snp_report.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"

namespace hallmark::snp {

constexpr std::uint32_t kCurveP384 = 2;

/// A public key: coordinates little-endian, zero-extended to 72 bytes.
struct PublicKey {
    Le32 curve;                                    // 000
    std::array<std::uint8_t, 72> qx{};             // 004
    std::array<std::uint8_t, 72> qy{};             // 04c
    std::array<std::uint8_t, 880> reserved_094{};  // 094
};
static_assert(sizeof(PublicKey) == 0x404 && alignof(PublicKey) == 1);
static_assert(offsetof(PublicKey, qx) == 0x004 && offsetof(PublicKey, qy) == 0x04c);
static_assert(offsetof(PublicKey, reserved_094) == 0x094);

/// ID_KEY_DIGEST or AUTHOR_KEY_DIGEST of a report.
Sha384 digest_of(const PublicKey& key);

/// A private key.
class SigningKey {
public:
    /// Reads a key without passphrase from PEM or DER (SEC 1 or PKCS #8).
    static Result<SigningKey> read(const std::filesystem::path& path);

    [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
    /// ECDSA with SHA-384.
    [[nodiscard]] Result<Signature> sign(ByteSpan bytes) const;

private:
    SigningKey(openssl::Key key, const PublicKey& public_key) : key_(std::move(key)), public_key_(public_key) {}

    openssl::Key key_;
    PublicKey public_key_;
};

/// The public part of a key file, private or public (SubjectPublicKeyInfo), PEM or DER.
Result<PublicKey> read_public_key(const std::filesystem::path& path);

}  // namespace hallmark::snp
