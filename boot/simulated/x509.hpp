// SPDX-License-Identifier: Apache-2.0
// What all certificates of the simulated platforms have in common: names that say that no hardware stands behind them.
// Source: RFC 5280, sections 4.1 and 4.2; ITU-T X.690, section 8.1 (DER).
#pragma once

#include <cstdint>
#include <string_view>

#include "common/bytes.hpp"
#include "common/openssl.hpp"

namespace hallmark::boot {

struct KeyAndCertificate {
    openssl::Key key;
    openssl::Certificate certificate;
};

namespace x509 {

struct Template {
    const char* common_name;
    long serial;
    const char* not_after;  ///< as ASN1_TIME_set_string takes it
};

constexpr const char* kNotBefore = "20260101000000Z";

/// A certificate with everything but extensions and signature.
Result<openssl::Certificate> start(const Template& from, const Template& issuer, EVP_PKEY& key);

/// False where OpenSSL refuses, as all below.
bool add_extension(X509& certificate, const char* identifier, ByteSpan value);
/// basicConstraints and keyUsage of an authority, critical; `path_length` below 0 sets none.
bool add_authority_extensions(X509& certificate, int path_length);
/// basicConstraints and keyUsage of a key that signs evidence, critical.
bool add_signer_extensions(X509& certificate);

/// One DER value: tag, length, content.
Bytes der(std::uint8_t tag, ByteSpan content);
Bytes der_integer(std::uint8_t value);
Bytes der_ia5_string(std::string_view text);
Bytes der_octets(ByteSpan content);
/// The identifier in dotted decimal.
Bytes der_object(const char* identifier);

Result<Bytes> to_der(const X509& certificate);

}  // namespace x509
}  // namespace hallmark::boot
