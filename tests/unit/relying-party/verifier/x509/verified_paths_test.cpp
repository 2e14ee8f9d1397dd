// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/verified_paths.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "relying-party/verifier/x509/path.hpp"
#include "tests/unit/relying-party/verifier/snp/cases.hpp"

namespace hallmark::verifier {
namespace {

SnpTrust keeping(const Bytes& root) {
    SnpTrust trust = trust_in(root);
    trust.verified = std::make_shared<VerifiedPaths>();
    return trust;
}

struct Path {
    explicit Path(const Case& of)
        : leaf(parse_certificate(of.vcek, "VCEK").value()),
          authority(parse_certificate(of.ask, "ASK").value()),
          root(parse_certificate(of.root, "ARK").value()) {}
    openssl::Certificate leaf;
    openssl::Certificate authority;
    openssl::Certificate root;
    [[nodiscard]] bool held_by(VerifiedPaths& paths, std::time_t at = kIn2026) const {
        return paths.holds(*leaf, *authority, *root, at);
    }
};

TEST(VerifiedPaths, OfAGoodReportAreKept) {
    const Case made = simulated({});
    const auto trust = keeping(made.root);
    const Path path(made);
    EXPECT_FALSE(path.held_by(*trust.verified));
    const auto first = verify_snp(made.evidence(), trust);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(path.held_by(*trust.verified));
    const auto second = verify_snp(made.evidence(), trust);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(first->claims, second->claims);
    EXPECT_EQ(trust.verified->count(), 1U);
}

TEST(VerifiedPaths, SaveOnlyTheSignaturesOfCertificates) {
    const Case made = simulated({});
    auto trust = keeping(made.root);
    ASSERT_TRUE(verify_snp(made.evidence(), trust));
    auto evidence = made.evidence();
    evidence.report[0x90] ^= 1;
    expect_refused(verify_snp(evidence, trust), "signature");
    trust.at = std::time_t{4'000'000'000};  // 2096
    expect_refused(verify_snp(made.evidence(), trust), "expired");
    trust.at = std::time_t{946'684'800};  // 2000
    expect_refused(verify_snp(made.evidence(), trust), "not yet valid");
    trust.at = kIn2026;
    trust.roots = {.amd = true, .simulated = {}};
    expect_refused(verify_snp(made.evidence(), trust), "another chain");
}

TEST(VerifiedPaths, EachByteOfACertificateCounts) {
    const Case made = simulated({});
    const auto trust = keeping(made.root);
    ASSERT_TRUE(verify_snp(made.evidence(), trust));
    // The last byte of each is its signature's.
    for (Bytes Case::* const which : {&Case::vcek, &Case::ask}) {
        Case changed = made;
        (changed.*which).back() ^= 1;
        EXPECT_FALSE(Path(changed).held_by(*trust.verified));
        EXPECT_FALSE(verify_snp(changed.evidence(), trust));
    }
    EXPECT_EQ(trust.verified->count(), 1U);
}

TEST(VerifiedPaths, OfABadReportAreNotKept) {
    const Case made = simulated({});
    const auto trust = keeping(made.root);
    auto evidence = made.evidence();
    evidence.report[0x90] ^= 1;
    expect_refused(verify_snp(evidence, trust), "signature");
    EXPECT_EQ(trust.verified->count(), 0U);
}

TEST(VerifiedPaths, TheLeastRecentlyUsedLeaves) {
    const Path a(simulated({.cpu_signature = 0xa00f11}));
    const auto& leaf = *a.leaf;
    const auto& authority = *a.authority;
    const auto& root = *a.root;
    VerifiedPaths paths(2);
    paths.keep(leaf, authority, root);
    paths.keep(authority, leaf, root);  // any three will do
    EXPECT_TRUE(paths.holds(leaf, authority, root, kIn2026));
    paths.keep(root, leaf, authority);
    EXPECT_EQ(paths.count(), 2U);
    EXPECT_TRUE(paths.holds(leaf, authority, root, kIn2026));
    EXPECT_TRUE(paths.holds(root, leaf, authority, kIn2026));
    EXPECT_FALSE(paths.holds(authority, leaf, root, kIn2026));
}

}  // namespace
}  // namespace hallmark::verifier
