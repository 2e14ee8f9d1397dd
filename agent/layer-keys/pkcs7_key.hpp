// SPDX-License-Identifier: Apache-2.0
// Unwraps with a private key and its certificate: what skopeo wraps for "pkcs7:CERTIFICATE.pem". ocicrypt puts
// AES-128-GCM into an EnvelopedData of PKCS #7, which CMS has AuthEnvelopedData for: OpenSSL reads the structure, but
// doesn't decrypt it by itself.
// Source: RFC 2315, section 10 (EnvelopedData); RFC 5084, section 3.2 (GCMParameters); ocicrypt 1.2, keywrap/pkcs7.
#pragma once

#include <string_view>

#include "agent/layer-keys/wrapped_keys.hpp"
#include "common/openssl.hpp"

namespace hallmark::layer_keys {

class Pkcs7Key : public Unwrapper {
public:
    /// Both in PEM, the key not encrypted; an RSA key. `where` names them in errors.
    static Result<Pkcs7Key> from_pem(ByteSpan private_key, ByteSpan certificate, std::string_view where);

    [[nodiscard]] bool knows(std::string_view scheme) const override { return scheme == "pkcs7"; }
    [[nodiscard]] Result<Secret> unwrap(ByteSpan packet) const override;

private:
    Pkcs7Key(openssl::Key key, openssl::Certificate certificate);

    openssl::Key key_;
    openssl::Certificate certificate_;
};

}  // namespace hallmark::layer_keys
