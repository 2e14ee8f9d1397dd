// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/parsed.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "common/digest.hpp"
#include "relying-party/verifier/x509/path.hpp"
#include "tests/unit/relying-party/verifier/snp/cases.hpp"

namespace hallmark::verifier {
namespace {

SnpTrust keeping(const Bytes& root) {
    SnpTrust trust = trust_in(root);
    trust.parsed = std::make_shared<ParsedCertificates>();
    return trust;
}

TEST(ParsedCertificates, OfAGoodChainAreKept) {
    const Case made = simulated({});
    const auto trust = keeping(made.root);
    const auto first = verify_snp(made.evidence(), trust);
    ASSERT_TRUE(first) << first.error().message;
    for (const auto& der : {made.vcek, made.ask, made.root}) EXPECT_TRUE(trust.parsed->find(sha256(der)));
    const auto second = verify_snp(made.evidence(), trust);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(first->claims, second->claims);
}

TEST(ParsedCertificates, AreNotTrustedForBeingKept) {
    const Case made = simulated({});
    auto trust = keeping(made.root);
    ASSERT_TRUE(verify_snp(made.evidence(), trust));

    auto evidence = made.evidence();
    evidence.report[0x90] ^= 1;
    expect_refused(verify_snp(evidence, trust), "signature");
    trust.at = std::time_t{4'000'000'000};  // 2096
    expect_refused(verify_snp(made.evidence(), trust), "expired");
    trust.at = kIn2026;
    trust.roots = {.amd = true, .simulated = {}};
    expect_refused(verify_snp(made.evidence(), trust), "another chain");
}

TEST(ParsedCertificates, OfNoGoodChainAreNotKept) {
    const Case made = simulated({});
    auto trust = keeping(made.root);
    trust.roots = {.amd = true, .simulated = {}};
    expect_refused(verify_snp(made.evidence(), trust), "another chain");
    for (const auto& der : {made.vcek, made.ask, made.root}) EXPECT_FALSE(trust.parsed->find(sha256(der)));
}

TEST(ParsedCertificates, LeaveInTheOrderInWhichTheyCame) {
    const Case made = simulated({});
    const auto certificate = parse_certificate(made.ask, "ASK");
    ASSERT_TRUE(certificate);
    ParsedCertificates kept(2);
    const auto digest = [](char c) { return sha256(as_bytes(std::string_view(&c, 1))); };
    for (const char c : {'a', 'b', 'a', 'c'}) kept.keep(digest(c), **certificate);
    EXPECT_FALSE(kept.find(digest('a')));
    EXPECT_EQ(kept.find(digest('b')).get(), certificate->get());
    EXPECT_EQ(kept.find(digest('c')).get(), certificate->get());
}

}  // namespace
}  // namespace hallmark::verifier
