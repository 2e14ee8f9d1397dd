// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/crl.hpp"

#include <gtest/gtest.h>

#include "tests/unit/relying-party/verifier/x509/pki.hpp"

namespace hallmark::verifier {
namespace {

using test::kIn2026;

constexpr long kAuthoritySerial = 0x10001;

const test::Pair& root() {
    static const test::Pair kRoot = test::make_authority("root", 0x10000);
    return kRoot;
}

const test::Pair& authority() {
    static const test::Pair kAuthority = test::make_authority("authority", kAuthoritySerial, &root(), "root");
    return kAuthority;
}

Result<bool> named(ByteSpan crl, std::time_t at = kIn2026) {
    return is_revoked(*authority().certificate, crl, *root().certificate, at);
}

/// That the list lets it through.
bool check(ByteSpan crl, std::time_t at = kIn2026) {
    const auto revoked = named(crl, at);
    return revoked && !*revoked;
}

void expect_refused(const Result<bool>& revoked, std::string_view why) {
    ASSERT_FALSE(revoked) << "expected: " << why;
    EXPECT_EQ(revoked.error().fault, Fault::kNo);
    EXPECT_NE(revoked.error().message.find(why), std::string::npos) << revoked.error().message;
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(RevocationList, LetsThroughWhatItDoesNotName) {
    EXPECT_TRUE(check(test::make_crl(root(), {})));
    EXPECT_TRUE(check(test::make_crl(root(), {.serials = {1, 0x10000, 0x10002}})));
}

TEST(RevocationList, TellsWhatItNames) {
    EXPECT_TRUE(named(test::make_crl(root(), {.serials = {1, kAuthoritySerial, 7}})).value());
}

TEST(RevocationList, MustBeByTheIssuer) {
    const auto other = test::make_authority("other", 3);
    expect_refused(named(test::make_crl(other, {})), "it is not of 'root'");
    expect_refused(named(test::make_crl(root(), {}, other.key.get())), "signature");
    Bytes crl = test::make_crl(root(), {});
    for (std::size_t at = 0; at < crl.size(); at += 3) {
        crl[at] ^= 4;
        EXPECT_FALSE(check(crl)) << at;
        crl[at] ^= 4;
    }
    EXPECT_TRUE(check(crl));
}

TEST(RevocationList, OfAnAuthorityThatMayNotSignListsIsRefused) {
    test::Pair signer;
    signer.key.reset(EVP_RSA_gen(2048));
    const boot::x509::Template name{"signer", 9, test::kUntil2051};
    signer.certificate = boot::x509::start(name, name, *signer.key).value();
    ASSERT_TRUE(boot::x509::add_signer_extensions(*signer.certificate));
    test::sign(*signer.certificate, *signer.key);
    expect_refused(is_revoked(*signer.certificate, test::make_crl(signer, {}), *signer.certificate, kIn2026),
                   "may not sign");
}

TEST(RevocationList, MustBeCurrent) {
    const Bytes crl = test::make_crl(root(), {});
    expect_refused(named(crl, kIn2026 - 1001), "not yet valid");
    EXPECT_TRUE(check(crl, kIn2026 - 1000));
    EXPECT_TRUE(check(crl, kIn2026 + 999));
    expect_refused(named(crl, kIn2026 + 1000), "out of date");
    expect_refused(named(test::make_crl(root(), {.serials = {}, .next = 0})), "when the next one is due");
}

TEST(RevocationList, OfNarrowerScopeIsRefused) {
    const auto delta = [](X509_CRL& crl) {
        const openssl::Owned<ASN1_INTEGER, ASN1_INTEGER_free> base(ASN1_INTEGER_new());
        ASN1_INTEGER_set(base.get(), 1);
        X509_CRL_add1_ext_i2d(&crl, NID_delta_crl, base.get(), /* crit= */ 1, 0);
    };
    expect_refused(named(test::make_crl(root(), {.serials = {}, .change = delta})), "critical extension");
    const auto entry_of_another = [](X509_CRL& crl) {
        const openssl::Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(ASN1_ENUMERATED_new());
        ASN1_ENUMERATED_set(reason.get(), 1);
        X509_REVOKED* entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(&crl), 0);
        X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason.get(), /* crit= */ 1, 0);
    };
    expect_refused(named(test::make_crl(root(), {.serials = {5}, .change = entry_of_another})), "entry 0");
}

TEST(RevocationList, IsOneWholeList) {
    Bytes crl = test::make_crl(root(), {});
    expect_refused(named({}), "one CRL in DER");
    expect_refused(named(ByteSpan(crl).first(crl.size() - 1)), "one CRL in DER");
    crl.push_back(0);
    expect_refused(named(crl), "one CRL in DER");
    expect_refused(named(Bytes(4 * 1024 * 1024 + 1)), "at most");
}

}  // namespace
}  // namespace hallmark::verifier
