// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest, or the host below it, with a revocation list of its own making, to have it say that a certificate
// is good, or that somebody else's is not.
// Size cap: 8 KiB; AMD's lists have 1.
#include "relying-party/verifier/x509/crl.hpp"

#include <array>

#include "relying-party/verifier/x509/path.hpp"
#include "tests/fuzz/proof/known.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

X509& ask() {
    static const auto kAsk = verifier::parse_certificate(known().endorsements.ask, "ASK").value();
    return *kAsk;
}

X509& ark() {
    static const auto kArk = verifier::parse_certificate(known().endorsements.ark, "ARK").value();
    return *kArk;
}

/// A list in the name of the known root that another key signed, the same one every time.
Bytes list_of(std::initializer_list<long> serials) {
    constexpr std::array<std::uint8_t, 32> kKey{1};
    const openssl::Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, kKey.data(), kKey.size()));
    const openssl::Owned<X509_CRL, X509_CRL_free> crl(X509_CRL_new());
    const openssl::Owned<ASN1_TIME, ASN1_TIME_free> issued(ASN1_TIME_set(nullptr, kIn2026 - 1));
    const openssl::Owned<ASN1_TIME, ASN1_TIME_free> next(ASN1_TIME_set(nullptr, kIn2026 + 1));
    X509_CRL_set_version(crl.get(), 1);
    X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(&ark()));
    X509_CRL_set1_lastUpdate(crl.get(), issued.get());
    X509_CRL_set1_nextUpdate(crl.get(), next.get());
    for (const long serial : serials) {
        X509_REVOKED* entry = X509_REVOKED_new();
        const openssl::Owned<ASN1_INTEGER, ASN1_INTEGER_free> number(ASN1_INTEGER_new());
        ASN1_INTEGER_set(number.get(), serial);
        X509_REVOKED_set_serialNumber(entry, number.get());
        X509_REVOKED_set_revocationDate(entry, issued.get());
        X509_CRL_add0_revoked(crl.get(), entry);
    }
    X509_CRL_sign(crl.get(), key.get(), nullptr);
    unsigned char* encoded = nullptr;
    const int size = i2d_X509_CRL(crl.get(), &encoded);
    Bytes der(encoded, encoded + (size > 0 ? size : 0));
    OPENSSL_free(encoded);
    return der;
}

std::vector<Bytes> seeds() { return {list_of({}), list_of({0x10001}), list_of({1, 2, 3})}; }

void attempt(ByteSpan input) {
    (void)verifier::next_update(input);
    require(!verifier::is_revoked(ask(), input, ark(), kIn2026), "nobody has the key that signs this root's lists");
    require(ERR_peek_error() == 0, "no error is left behind for somebody else to find");
}

}  // namespace

const Target kTarget{.largest = 8 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
