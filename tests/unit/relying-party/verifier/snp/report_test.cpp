// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/relying-party/verifier/snp/cases.hpp"

namespace hallmark::verifier {
namespace {

TEST(ProofOfARealReport, Holds) {
    REAL_MILAN(real);
    const auto status = real.prove();
    EXPECT_TRUE(status) << status.error().message;
    real.ark.clear();  // not needed: the root is the caller's
    EXPECT_TRUE(real.prove());
}

TEST(ProofOfARealReport, NoFlippedBitPasses) {
    REAL_MILAN(real);
    const Expected expected = real.expected();
    for (std::size_t offset = 0; offset < snp::kSignedSize + 144; ++offset) {
        Case flipped = real;
        flipped.report[offset] ^= 0x10;
        EXPECT_FALSE(flipped.prove(expected)) << hex_number(offset);
    }
}

TEST(ProofOfARealReport, OutsideItsCertificatesTimeIsRefused) {
    REAL_MILAN(real);
    expect_refused(real.prove(kIn2035), "certificate has expired");
    expect_refused(real.prove(1'500'000'000), "not yet valid");
}

TEST(ProofOfARealReport, AnotherChainIsRefused) {
    REAL_MILAN(real);
    const auto genoa = authorities_of("genoa");
    Case other_root = real;
    other_root.root = genoa.at(1);
    expect_refused(other_root.prove(), "signed by another chain");
    other_root.ark.clear();
    expect_refused(other_root.prove(), "the root above 'SEV-Milan' is missing");
    Case other_ask = real;
    other_ask.ask = genoa.at(0);
    expect_refused(other_ask.prove(), "the ASK that signed 'SEV-VCEK' is missing");
    Case root_as_ask = real;
    root_as_ask.ask = real.root;
    EXPECT_FALSE(root_as_ask.prove());
    Case ask_as_vcek = real;
    ask_as_vcek.vcek = real.ask;
    expect_refused(ask_as_vcek.prove(), "VCEK: extension 1.3.6.1.4.1.3704.1.2 is missing");
}

TEST(ProofOfARealReport, BrokenCertificatesAreRefused) {
    REAL_MILAN(real);
    Case changed = real;
    changed.vcek[changed.vcek.size() / 2] ^= 1;
    EXPECT_FALSE(changed.prove());
    Case cut = real;
    cut.vcek.pop_back();
    expect_refused(cut.prove(), "VCEK: file or field is not one certificate");
    Case longer = real;
    longer.ask.push_back(0);
    expect_refused(longer.prove(), "ASK: file or field is not one certificate");
    Case without = real;
    without.vcek.clear();
    expect_refused(without.prove(), "without the VCEK");
}

TEST(ProofOfARealReport, WhatTheChallengerExpectsMustBeThere) {
    REAL_MILAN(real);
    Expected expected = real.expected();
    expected.report_data[0] ^= 1;
    expect_refused(real.prove(expected), "not the challenge");
    expected = real.expected();
    expected.policy |= snp::kPolicyDebugAllowed;
    expect_refused(real.prove(expected), "policy 0x30000");
    expected = real.expected();
    expected.host_data[31] ^= 1;
    expect_refused(real.prove(expected), "host data");
}

TEST(ProofOfASimulatedReport, HoldsForEveryProduct) {
    // EPYC-v4, EPYC-Rome, EPYC-Milan, EPYC-Genoa, EPYC-Turin
    for (const std::uint32_t signature : {0x800f12U, 0x830f10U, 0xa00f11U, 0xa10f10U, 0xb00f00U}) {
        const Case made = simulated({.cpu_signature = signature});
        const auto status = made.prove();
        EXPECT_TRUE(status) << hex_number(signature) << ": " << status.error().message;
    }
}

TEST(ProofOfASimulatedReport, TellsTheCpuThatWasAskedFor) {
    const auto report = snp::parse_report(simulated({.cpu_signature = 0xa00f11}).report).value();
    EXPECT_EQ(report.version, 3U);
    EXPECT_EQ(report.cpuid_family, 25);
    EXPECT_EQ(report.cpuid_model, 1);
    EXPECT_EQ(report.cpuid_stepping, 1);
    EXPECT_EQ(report.policy, 0x30000U);
    EXPECT_TRUE(std::ranges::all_of(report.signature.reserved_090, [](auto byte) { return byte == 0; }));
}

TEST(ProofOfASimulatedReport, NoFlippedBitPasses) {
    const Case made = simulated({.cpu_signature = 0x800f12});
    const Expected expected = made.expected();
    for (std::size_t offset = 0; offset < snp::kSignedSize + 144; ++offset) {
        Case flipped = made;
        flipped.report[offset] ^= 1;
        EXPECT_FALSE(flipped.prove(expected)) << hex_number(offset);
    }
}

TEST(ProofOfASimulatedReport, MustAgreeWithItsVcek) {
    EXPECT_TRUE(resigned([](auto&) {}).prove());
    expect_refused(resigned([](auto& report) { report.reported_tcb[7] ^= 1; }).prove(), "its TCB");
    expect_refused(resigned([](auto& report) { report.chip_id[63] ^= 1; }).prove(), "chip identifier");
    expect_refused(resigned([](auto& report) { report.cpuid_model = 0x11; }).prove(), "is not a Milan-B0");
    expect_refused(resigned([](auto& report) { report.cpuid_family = 0x1a; }).prove(), "is not a Milan-B0");
    expect_refused(resigned([](auto& report) { report.key_info = 1U << 2; }).prove(), "without the VLEK");
    expect_refused(resigned([](auto& report) { report.signature_algorithm = 2U; }).prove(), "signature algorithm 2");
    expect_refused(resigned([](auto& report) { report.vmpl = 1U; }).prove(), "VMPL 1");
}

TEST(ProofOfASimulatedReport, DebuggingIsRefusedEvenWhereExpected) {
    const Case made = simulated({.cpu_signature = 0x800f12, .policy = 0x30000 | snp::kPolicyDebugAllowed});
    Expected expected = made.expected();
    expected.policy |= snp::kPolicyDebugAllowed;
    expect_refused(made.prove(expected), "debug the guest");
}

TEST(ProofOfASimulatedReport, IsNotTrustedUnderAmdsRoot) {
    REAL_MILAN(real);
    Case made = simulated({.cpu_signature = 0xa00f11});
    made.root = real.root;
    expect_refused(made.prove(), "signed by another chain");
}

TEST(ProofOfASimulatedReport, AnAuthorityInPlaceOfTheVcekIsRefused) {
    const Case made = simulated({.cpu_signature = 0xa00f11});
    for (const Bytes& authority : {made.ask, made.root}) {
        Case swapped = made;
        swapped.vcek = authority;
        expect_refused(swapped.prove(), "VCEK: extension");
    }
}

TEST(ProofOfASimulatedReport, AVcekOfAnotherProductIsRefused) {
    const Case genoa = simulated({.cpu_signature = 0xa10f10});
    Case made = simulated({.cpu_signature = 0xa00f11});
    made.vcek = genoa.vcek;
    expect_refused(made.prove(), "not by the key");
}

}  // namespace
}  // namespace hallmark::verifier
