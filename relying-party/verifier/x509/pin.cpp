// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/pin.hpp"

namespace hallmark::verifier {

Result<Sha256> spki_digest(const X509& certificate) {
    unsigned char* encoded = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &encoded);
    if (size <= 0) return std::unexpected(openssl::error("certificate: its public key", Fault::kNo));
    const Sha256 digest = sha256({encoded, static_cast<std::size_t>(size)});
    OPENSSL_free(encoded);
    return digest;
}

}  // namespace hallmark::verifier
