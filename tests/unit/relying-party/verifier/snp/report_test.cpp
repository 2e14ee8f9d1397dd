// SPDX-License-Identifier: Apache-2.0
// A real Milan report with AMD's chain, and reports of the simulated platform. The code that signs the latter shares
// nothing with the code under test but the formats.
#include "relying-party/verifier/snp/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "boot/simulated/processor.hpp"
#include "common/file.hpp"
#include "common/formats/snp_certificates.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/snp/vcek.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::time_t kIn2026 = 1'780'000'000;
constexpr std::time_t kIn2035 = 2'060'000'000;

struct Case {
    Bytes report;
    Endorsements endorsements;
    Bytes root;

    [[nodiscard]] Bytes table() const {
        std::vector<snp::TableCertificate> certificates{
            {snp::kVcekGuid, endorsements.vcek}, {snp::kAskGuid, endorsements.ask}, {snp::kArkGuid, endorsements.ark}};
        std::erase_if(certificates, [](const auto& certificate) { return certificate.der.empty(); });
        return snp::encode_certificate_table(certificates);
    }
    [[nodiscard]] Expected expected() const {
        const auto parsed = snp::parse_report(report).value();
        Expected expected;
        expected.report_data = parsed.report_data;
        expected.host_data = parsed.host_data;
        return expected;
    }
    [[nodiscard]] Status prove(std::time_t at = kIn2026) const { return prove(expected(), at); }
    [[nodiscard]] Status prove(const Expected& expected, std::time_t at = kIn2026) const {
        if (auto proven = verifier::prove(report, table(), root, expected, at); !proven)
            return std::unexpected(proven.error());
        return {};
    }
};

void expect_refused(const Status& status, std::string_view why) {
    ASSERT_FALSE(status) << "expected: " << why;
    EXPECT_EQ(status.error().fault, Fault::kNo);
    EXPECT_NE(status.error().message.find(why), std::string::npos) << status.error().message;
}

std::string text_of(const std::filesystem::path& path) {
    const Bytes bytes = read_file(path, 1 << 20).value();
    return {bytes.begin(), bytes.end()};
}

/// The certificates of a PEM file, in DER.
std::vector<Bytes> certificates_of(const std::filesystem::path& path) {
    const test::TemporaryFolder folder;
    const std::string text = text_of(path);
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    std::vector<Bytes> found;
    for (auto at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at + 1)) {
        const auto one = folder.path() / "one.pem";
        EXPECT_TRUE(write_file(one, as_bytes(std::string_view(text).substr(at))));
        found.push_back(read_root(one).value());
    }
    return found;
}

/// The real report, or nothing where the vectors are missing.
std::optional<Case> real_milan() {
    const auto folder = test::vectors();
    if (!std::filesystem::exists(folder / "amd-sev/report_milan_v2.hex")) return std::nullopt;
    std::string hex = text_of(folder / "amd-sev/report_milan_v2.hex");
    std::erase_if(hex, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    const auto authorities = certificates_of(folder / "roots/milan_ask_ark_asvk.pem");
    Case real;
    real.report = from_hex(hex).value();
    real.endorsements = {read_file(folder / "amd-sev/vcek_milan.der", 1 << 16).value(), authorities.at(0),
                         authorities.at(1)};
    real.root = authorities.at(1);
    return real;
}

#define REAL_MILAN(name)                                                                         \
    const auto found_##name = real_milan();                                                      \
    if (!found_##name) GTEST_SKIP() << "set HALLMARK_VECTORS to the folder of the test vectors"; \
    Case name = *found_##name

TEST(ProofOfARealReport, Holds) {
    REAL_MILAN(real);
    const auto status = real.prove();
    EXPECT_TRUE(status) << status.error().message;
    real.endorsements.ark.clear();  // not needed: the root is the caller's
    EXPECT_TRUE(real.prove());
}

TEST(ProofOfARealReport, VcekIsReadAsItIs) {
    REAL_MILAN(real);
    const auto vcek = verify_chain(real.endorsements, real.root, kIn2026);
    ASSERT_TRUE(vcek);
    const auto facts = read_vcek(**vcek);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->product_name, "Milan-B0");
    EXPECT_EQ(facts->tcb, (snp::TcbParts{.fmc = 0, .boot_loader = 3, .tee = 0, .snp = 8, .microcode = 0x73}));
    EXPECT_EQ(to_hex(facts->hardware_id).substr(0, 16), "d49554ec717f4e5b");
}

TEST(ProofOfARealReport, NoFlippedBitPasses) {
    REAL_MILAN(real);
    const Expected expected = real.expected();
    for (std::size_t offset = 0; offset < snp::kSignedSize + 144; offset += 7) {
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
    const auto genoa = certificates_of(test::vectors() / "roots/genoa_ask_ark_asvk.pem");
    Case other_root = real;
    other_root.root = genoa.at(1);
    expect_refused(other_root.prove(), "signed by another chain");
    other_root.endorsements.ark.clear();
    expect_refused(other_root.prove(), "unable to get");
    Case other_ask = real;
    other_ask.endorsements.ask = genoa.at(0);
    expect_refused(other_ask.prove(), "unable to get");
    Case root_as_ask = real;
    root_as_ask.endorsements.ask = real.root;
    EXPECT_FALSE(root_as_ask.prove());
    Case ask_as_vcek = real;
    ask_as_vcek.endorsements.vcek = real.endorsements.ask;
    expect_refused(ask_as_vcek.prove(), "expected a VCEK signed by the ASK");
}

TEST(ProofOfARealReport, BrokenCertificatesAreRefused) {
    REAL_MILAN(real);
    Case changed = real;
    changed.endorsements.vcek[changed.endorsements.vcek.size() / 2] ^= 1;
    EXPECT_FALSE(changed.prove());
    Case cut = real;
    cut.endorsements.vcek.pop_back();
    expect_refused(cut.prove(), "VCEK is not one certificate");
    Case longer = real;
    longer.endorsements.ask.push_back(0);
    expect_refused(longer.prove(), "ASK is not one certificate");
    Case without = real;
    without.endorsements.vcek.clear();
    expect_refused(without.prove(), "without VCEK");
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

/// The simulated platform, made once: its RSA keys take seconds.
const boot::SimulatedChain& simulated_chain() {
    static const test::TemporaryFolder kFolder;
    static const auto kChain = boot::SimulatedChain::open(kFolder.path() / "chain", [] {});
    return *kChain;
}

Case simulated(boot::LaunchFacts facts) {
    facts.measurement.fill(0x5a);
    const auto processor = boot::SimulatedProcessor::make(simulated_chain(), facts);
    EXPECT_TRUE(processor);
    const auto report = processor->report({}, 0).value();
    const auto bytes = as_bytes(report);
    Case made;
    made.report.assign(bytes.begin(), bytes.end());
    made.endorsements = read_endorsements(processor->certificates()).value();
    made.root = simulated_chain().ark();
    return made;
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
    for (std::size_t offset = 0; offset < snp::kSignedSize + 144; offset += 13) {
        Case flipped = made;
        flipped.report[offset] ^= 1;
        EXPECT_FALSE(flipped.prove(expected)) << hex_number(offset);
    }
}

/// A report with something changed, signed again by its own VCEK: what a platform could say that lies about itself.
Case resigned(const std::function<void(snp::AttestationReport&)>& change) {
    Case made = simulated({.cpu_signature = 0xa00f11});
    auto report = snp::parse_report(made.report).value();
    change(report);
    const auto vcek = simulated_chain().vcek(boot::product_of({.family = 25, .model = 1, .stepping = 1}));
    const openssl::DigestContext context(EVP_MD_CTX_new());
    Bytes der(256);
    std::size_t size = der.size();
    const auto covered = as_bytes(report).first(snp::kSignedSize);
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, vcek->key.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), der.data(), &size, covered.data(), covered.size()), 1);
    const unsigned char* cursor = der.data();
    const openssl::EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)));
    BN_bn2lebinpad(ECDSA_SIG_get0_r(pair.get()), report.signature.r.data(), 72);
    BN_bn2lebinpad(ECDSA_SIG_get0_s(pair.get()), report.signature.s.data(), 72);
    const auto bytes = as_bytes(report);
    made.report.assign(bytes.begin(), bytes.end());
    return made;
}

TEST(ProofOfASimulatedReport, MustAgreeWithItsVcek) {
    EXPECT_TRUE(resigned([](auto&) {}).prove());
    expect_refused(resigned([](auto& report) { report.reported_tcb[7] ^= 1; }).prove(), "its TCB");
    expect_refused(resigned([](auto& report) { report.chip_id[63] ^= 1; }).prove(), "chip identifier");
    expect_refused(resigned([](auto& report) { report.cpuid_model = 0x11; }).prove(), "is not a Milan-B0");
    expect_refused(resigned([](auto& report) { report.cpuid_family = 0x1a; }).prove(), "is not a Milan-B0");
    expect_refused(resigned([](auto& report) { report.key_info = 1U << 2; }).prove(), "another key than a VCEK");
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
    ASSERT_TRUE(verify_chain(made.endorsements, made.root, kIn2026));
    for (const Bytes& authority : {made.endorsements.ask, made.root}) {
        Endorsements swapped = made.endorsements;
        swapped.vcek = authority;
        const auto verified = verify_chain(swapped, made.root, kIn2026);
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error().fault, Fault::kNo);
        EXPECT_NE(verified.error().message.find("expected a VCEK signed by the ASK"), std::string::npos)
            << verified.error().message;
    }
}

TEST(ProofOfASimulatedReport, AVcekOfAnotherProductIsRefused) {
    const Case genoa = simulated({.cpu_signature = 0xa10f10});
    Case made = simulated({.cpu_signature = 0xa00f11});
    made.endorsements.vcek = genoa.endorsements.vcek;
    expect_refused(made.prove(), "not by the key");
}

}  // namespace
}  // namespace hallmark::verifier
