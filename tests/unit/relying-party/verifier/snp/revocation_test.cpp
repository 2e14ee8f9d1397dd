// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/revocation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/relying-party/verifier/snp/cases.hpp"
#include "tests/unit/relying-party/verifier/snp/leaf.hpp"

namespace hallmark::verifier {
namespace {

/// Has a list, or none.
struct ListSource : EndorsementSource {
    Bytes list;

    Result<Bytes> vcek(snp::ProductLine, const snp::AttestationReport&) override { return refused("not asked"); }
    Result<Bytes> authorities(snp::ProductLine, KeyKind) override { return refused("not asked"); }
    Result<Bytes> revocation_list(snp::ProductLine, KeyKind, std::time_t) override {
        if (list.empty()) return refused("no list");
        return list;
    }
};

TEST(Revocation, IsTheSourcesToTellWhateverTheEvidenceHas) {
    const Chain chain{.authority = test::authority().certificate.get(), .root = test::root().certificate.get()};
    const Bytes clear = test::make_crl(test::root(), {});
    const Bytes revoked = test::make_crl(test::root(), {.serials = {0x10001}});
    SnpTrust trust;
    const EndorsementKey key;
    const auto checked = [&](const std::vector<ByteSpan>& of_evidence) {
        return check_revocation(chain, of_evidence, key, trust, kIn2026);
    };
    EXPECT_TRUE(checked({clear}).value());
    ListSource source;
    trust.source = &source;
    EXPECT_FALSE(checked({clear}).value());
    source.list = clear;
    EXPECT_TRUE(checked({}).value());
    expect_refused(checked({revoked}), "is revoked by 'ARK of a test'");
    source.list = revoked;
    expect_refused(checked({clear}), "is revoked by 'ARK of a test'");
    trust.revocation_lists = {clear};
    expect_refused(checked({}), "is revoked by 'ARK of a test'");
}

}  // namespace
}  // namespace hallmark::verifier
