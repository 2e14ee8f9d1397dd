// SPDX-License-Identifier: Apache-2.0
// Authorities and revocation lists made by OpenSSL for one test run, signed with RSASSA-PSS and SHA-384 as AMD's are.
#pragma once

#include <gtest/gtest.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <functional>
#include <vector>

#include "boot/simulated/x509.hpp"

namespace hallmark::test {

using Pair = boot::KeyAndCertificate;

constexpr std::time_t kIn2026 = 1'780'000'000;
constexpr const char* kUntil2051 = "20510101000000Z";

inline openssl::DigestContext pss(EVP_PKEY& key) {
    openssl::DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    EXPECT_EQ(EVP_DigestSignInit(context.get(), &parameters, EVP_sha384(), nullptr, &key), 1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING), 1);
    EXPECT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 48), 1);
    return context;
}

inline void sign(X509& certificate, EVP_PKEY& key) { EXPECT_GT(X509_sign_ctx(&certificate, pss(key).get()), 0); }

/// An RSA-2048 authority, signed by `issuer`, or by itself where there is none.
inline Pair make_authority(const char* name, long serial, const Pair* issuer = nullptr, const char* issuer_name = "") {
    Pair made;
    made.key.reset(EVP_RSA_gen(2048));
    const boot::x509::Template from{name, serial, kUntil2051};
    const boot::x509::Template above{issuer_name, 0, kUntil2051};
    made.certificate = boot::x509::start(from, issuer != nullptr ? above : from, *made.key).value();
    EXPECT_TRUE(boot::x509::add_authority_extensions(*made.certificate, issuer != nullptr ? 0 : -1));
    sign(*made.certificate, issuer != nullptr ? *issuer->key : *made.key);
    return made;
}

/// What goes into a revocation list.
struct ListOf {
    std::vector<long> serials;
    std::time_t issued = kIn2026 - 1000;
    std::time_t next = kIn2026 + 1000;  ///< 0 leaves it out
    std::function<void(X509_CRL&)> change = [](X509_CRL&) {};
};

/// Names `issuer`, signed with `key`.
inline Bytes make_crl(const Pair& issuer, const ListOf& content, EVP_PKEY* key = nullptr) {
    const openssl::Owned<X509_CRL, X509_CRL_free> crl(X509_CRL_new());
    X509_CRL_set_version(crl.get(), 1);
    X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.get()));
    const openssl::Owned<ASN1_TIME, ASN1_TIME_free> issued(ASN1_TIME_set(nullptr, content.issued));
    X509_CRL_set1_lastUpdate(crl.get(), issued.get());
    if (content.next != 0) {
        const openssl::Owned<ASN1_TIME, ASN1_TIME_free> next(ASN1_TIME_set(nullptr, content.next));
        X509_CRL_set1_nextUpdate(crl.get(), next.get());
    }
    for (const long serial : content.serials) {
        X509_REVOKED* entry = X509_REVOKED_new();
        const openssl::Owned<ASN1_INTEGER, ASN1_INTEGER_free> number(ASN1_INTEGER_new());
        ASN1_INTEGER_set(number.get(), serial);
        X509_REVOKED_set_serialNumber(entry, number.get());
        X509_REVOKED_set_revocationDate(entry, issued.get());
        X509_CRL_add0_revoked(crl.get(), entry);
    }
    content.change(*crl);
    EXPECT_GT(X509_CRL_sign_ctx(crl.get(), pss(key != nullptr ? *key : *issuer.key).get()), 0);
    unsigned char* encoded = nullptr;
    const int size = i2d_X509_CRL(crl.get(), &encoded);
    EXPECT_GT(size, 0);
    Bytes der(encoded, encoded + size);
    OPENSSL_free(encoded);
    return der;
}

}  // namespace hallmark::test
