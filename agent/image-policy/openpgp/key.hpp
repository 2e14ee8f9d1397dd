// SPDX-License-Identifier: Apache-2.0
// A public key or subkey of OpenPGP.
// Source: RFC 9580, section 5.5.2 (version 4 packets), 5.5.4 (fingerprints), 5.5.5 and 9.2 (algorithms and curves).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "agent/image-policy/openpgp/packet.hpp"
#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

/// RFC 9580, section 9.1.
enum class KeyAlgorithm : std::uint8_t {
    kRsa = 1,
    kRsaSign = 3,
    kEcdsa = 19,
    kEdDsaLegacy = 22,
    kEd25519 = 27,
};

/// Smaller RSA keys verify nothing, bits.
inline constexpr int kSmallestRsa = 2048;

class PublicKey {
public:
    /// Of version 4. A key of an algorithm that verifies nothing here is kept, without a handle().
    static Result<PublicKey> parse(const Packet& packet, const std::string& what);

    /// What is hashed for signatures over this key: 0x99, its length, the packet's body.
    [[nodiscard]] const Bytes& hashed() const { return hashed_; }
    [[nodiscard]] const Sha1& fingerprint() const { return fingerprint_; }
    /// Upper-case hexadecimal: the last 8 bytes of the fingerprint.
    [[nodiscard]] std::string id() const;
    /// Seconds since 1970.
    [[nodiscard]] std::uint32_t created() const { return created_; }
    [[nodiscard]] KeyAlgorithm algorithm() const { return algorithm_; }
    /// Null where the key verifies nothing; then why_not() says why.
    [[nodiscard]] EVP_PKEY* handle() const { return key_.get(); }
    [[nodiscard]] const std::string& why_not() const { return why_not_; }

private:
    Status read_numbers(Reader& reader, const std::string& what);
    Status read_rsa(Reader& reader, const std::string& what);
    Status read_ecdsa(Reader& reader, const std::string& what);
    Status read_eddsa(Reader& reader, const std::string& what);
    Status set_ed25519(ByteSpan point, const std::string& what);

    Bytes hashed_;
    Sha1 fingerprint_{};
    std::uint32_t created_ = 0;
    KeyAlgorithm algorithm_{};
    std::shared_ptr<EVP_PKEY> key_;
    std::string why_not_;
};

/// Upper-case hexadecimal, as GnuPG prints fingerprints and key IDs.
std::string to_upper_hex(ByteSpan bytes);

}  // namespace hallmark::image_policy::openpgp
