// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/crl.hpp"

#include <openssl/x509v3.h>

#include <string>

#include "relying-party/verifier/x509/path.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::size_t kLargestCrl = 4 * 1024 * 1024;

using Crl = openssl::Owned<X509_CRL, X509_CRL_free>;

Result<Crl> parse_crl(ByteSpan der) {
    if (der.size() > kLargestCrl)
        return refused("revocation list: " + std::to_string(der.size()) + " bytes, expected at most " +
                       std::to_string(kLargestCrl));
    const unsigned char* cursor = der.data();
    Crl crl(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!crl || cursor != der.data() + der.size()) return refused("revocation list: expected one CRL in DER");
    return crl;
}

/// "A CRL validation application MUST NOT use a CRL with a critical extension that it can't process": a delta list and
/// a list of narrower scope carry one.
Status check_extensions(const X509_CRL& crl) {
    for (int i = 0; i < X509_CRL_get_ext_count(&crl); ++i)
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(&crl, i)) != 0)
            return refused("revocation list: it has a critical extension; expected a complete list");
    return {};
}

/// An entry's critical extension may give it to another issuer, and changes what the following ones mean.
Status check_entries(X509_CRL& crl) {
    STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(&crl);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
        for (int k = 0; k < X509_REVOKED_get_ext_count(entry); ++k)
            if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(entry, k)) != 0)
                return refused("revocation list: entry " + std::to_string(i) + " has a critical extension");
    }
    return {};
}

Status check_issuer(X509_CRL& crl, X509& certificate, X509& issuer) {
    const X509_NAME* name = X509_CRL_get_issuer(&crl);
    if (X509_NAME_cmp(name, X509_get_subject_name(&issuer)) != 0 ||
        X509_NAME_cmp(name, X509_get_issuer_name(&certificate)) != 0)
        return refused("revocation list: it is not of '" + common_name(issuer) + "', the issuer of '" +
                       common_name(certificate) + "'");
    if ((X509_get_key_usage(&issuer) & X509v3_KU_CRL_SIGN) == 0)
        return refused("'" + common_name(issuer) + "' may not sign revocation lists");
    EVP_PKEY* key = X509_get0_pubkey(&issuer);
    const bool is_signed = key != nullptr && X509_CRL_verify(&crl, key) == 1;
    ERR_clear_error();
    if (!is_signed) return refused("revocation list: its signature is not by the key of '" + common_name(issuer) + "'");
    return {};
}

Status check_time(const X509_CRL& crl, std::time_t at) {
    // X509_cmp_time answers 0 where the time can't be read, and takes "equal" for earlier.
    const int updated = X509_cmp_time(X509_CRL_get0_lastUpdate(&crl), &at);
    if (updated == 0) return refused("revocation list: its time of issue can't be read");
    if (updated > 0) return refused("revocation list: not yet valid at that time");
    const ASN1_TIME* next = X509_CRL_get0_nextUpdate(&crl);
    if (next == nullptr) return refused("revocation list: it doesn't say when the next one is due");
    if (X509_cmp_time(next, &at) <= 0) return refused("revocation list: out of date at that time; fetch the next one");
    return {};
}

}  // namespace

Result<bool> is_revoked(X509& certificate, ByteSpan crl_der, X509& issuer, std::time_t at) {
    HALLMARK_TRY(const Crl crl, parse_crl(crl_der));
    HALLMARK_CHECK(check_issuer(*crl, certificate, issuer));
    HALLMARK_CHECK(check_extensions(*crl));
    HALLMARK_CHECK(check_entries(*crl));
    X509_REVOKED* entry = nullptr;
    if (X509_CRL_get0_by_serial(crl.get(), &entry, X509_get0_serialNumber(&certificate)) != 0) return true;
    HALLMARK_CHECK(check_time(*crl, at));
    return false;
}

Result<std::time_t> next_update(ByteSpan crl_der) {
    HALLMARK_TRY(const Crl crl, parse_crl(crl_der));
    const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get());
    std::tm broken{};
    if (next == nullptr || ASN1_TIME_to_tm(next, &broken) != 1)
        return refused("revocation list: it doesn't say when the next one is due");
    return ::timegm(&broken);
}

}  // namespace hallmark::verifier
