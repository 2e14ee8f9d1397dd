// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/endorsement_key.hpp"

#include <gtest/gtest.h>

#include "tests/unit/relying-party/verifier/snp/cases.hpp"
#include "tests/unit/relying-party/verifier/snp/leaf.hpp"

namespace hallmark::verifier {
namespace {

TEST(EndorsementKey, OfARealMilanIsReadAsItIs) {
    REAL_MILAN(real);
    const auto certificates = read_certificates(real.vcek, 1).value();
    const auto key = read_endorsement_key(*certificates.front(), KeyKind::kVcek);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->product_name, "Milan-B0");
    EXPECT_EQ(key->line, snp::ProductLine::kMilan);
    EXPECT_EQ(key->tcb, (snp::TcbParts{.fmc = 0, .boot_loader = 3, .tee = 0, .snp = 8, .microcode = 0x73}));
    EXPECT_EQ(to_hex(key->hardware_id).substr(0, 16), "d49554ec717f4e5b");
    expect_refused(read_endorsement_key(*certificates.front(), KeyKind::kVlek), "it names a chip");
}

/// One leaf by an authority of the test, with something changed.
Result<EndorsementKey> read_with(const std::function<void(test::Leaf&)>& change, KeyKind kind = KeyKind::kVcek) {
    test::Leaf leaf = kind == KeyKind::kVcek ? test::turin_vcek() : test::milan_vlek();
    change(leaf);
    const auto made = test::make_leaf(leaf, test::authority());
    return read_endorsement_key(*made.certificate, kind);
}

TEST(EndorsementKey, OfATurinHasAnFmcAndAShortId) {
    const auto key = read_with([](auto&) {});
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->line, snp::ProductLine::kTurin);
    EXPECT_EQ(to_hex(key->tcb_version()), "0102030400000047");
    EXPECT_EQ(to_hex(key->hardware_id), "6bb1229b7692b710");
    expect_refused(read_with([](auto& leaf) { leaf.values.erase(snp::kds::kFmc); }),
                   "1.3.6.1.4.1.3704.1.3.9 is missing");
    expect_refused(read_with([](auto& leaf) { leaf.values[snp::kds::kHardwareId].push_back(0); }), "has not 8 bytes");
}

TEST(EndorsementKey, HardwareIdMayBeTaggedAsSpecified) {
    const auto tagged = read_with([](auto& leaf) {
        auto& id = leaf.values[snp::kds::kHardwareId];
        id = boot::x509::der_octets(id);
    });
    ASSERT_TRUE(tagged) << tagged.error().message;
    EXPECT_EQ(to_hex(tagged->hardware_id), "6bb1229b7692b710");
}

TEST(EndorsementKey, ThatWasLeasedTellsToWhom) {
    const auto key = read_with([](auto&) {}, KeyKind::kVlek);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->csp_id, "CN=cc-us-east-2.example");
    EXPECT_EQ(key->line, snp::ProductLine::kMilan);
    EXPECT_TRUE(key->hardware_id.empty());
    expect_refused(read_with([](auto& leaf) { leaf.values.erase(snp::kds::kCspId); }, KeyKind::kVlek), "is missing");
    const Bytes id(64, 1);
    expect_refused(read_with([&](auto& leaf) { leaf.values[snp::kds::kHardwareId] = id; }, KeyKind::kVlek),
                   "it names a chip");
    expect_refused(read_with([](auto& leaf) { leaf.values[snp::kds::kCspId] = boot::x509::der_ia5_string("x"); }),
                   "it names a cloud operator");
}

TEST(EndorsementKey, WithAMalformedExtensionIsRefused) {
    for (const char* name : {snp::kds::kBootLoader, snp::kds::kTee, snp::kds::kSnp, snp::kds::kMicrocode}) {
        for (const Bytes& bad : {Bytes{}, Bytes{2, 1}, Bytes{2, 1, 0x80}, Bytes{2, 2, 0, 0x7f}, Bytes{2, 2, 1, 0},
                                 Bytes{2, 1, 1, 0}, Bytes{4, 1, 1}})
            expect_refused(read_with([&](auto& leaf) { leaf.values[name] = bad; }), "is not an INTEGER");
        expect_refused(read_with([&](auto& leaf) { leaf.values.erase(name); }), "is missing");
        expect_refused(read_with([&](auto& leaf) { leaf.twice = name; }), "stands twice");
        EXPECT_TRUE(read_with([&](auto& leaf) { leaf.values[name] = {2, 2, 0, 0xff}; }));
    }
    for (const Bytes& bad :
         {Bytes{}, Bytes{0x16}, Bytes{0x16, 3, 'a', 'b'}, Bytes{0x16, 2, 'a', '\n'}, Bytes{0x13, 1, 'a'}})
        EXPECT_FALSE(read_with([&](auto& leaf) { leaf.values[snp::kds::kProductName] = bad; }));
    for (const char* name : {"Venice", "Milano", "milan", "Tu", ""})
        expect_refused(
            read_with([&](auto& leaf) { leaf.values[snp::kds::kProductName] = boot::x509::der_ia5_string(name); }),
            "expected a Milan, Genoa or Turin");
}

TEST(SigningKey, IsWhatTheReportSays) {
    snp::AttestationReport report;
    EXPECT_EQ(signing_key(report).value(), KeyKind::kVcek);
    report.key_info = 1U << 2 | 3U;
    EXPECT_EQ(signing_key(report).value(), KeyKind::kVlek);
    for (const std::uint32_t other : {2U, 3U, 7U}) {
        report.key_info = other << 2;
        expect_refused(signing_key(report), "another key than a VCEK or VLEK");
    }
}

}  // namespace
}  // namespace hallmark::verifier
