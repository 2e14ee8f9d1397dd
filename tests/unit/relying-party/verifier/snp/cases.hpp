// SPDX-License-Identifier: Apache-2.0
// A real Milan report with AMD's chain, and reports of the simulated platform. The code that signs the latter shares
// nothing with the code under test but the formats.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "boot/simulated/processor.hpp"
#include "common/base64.hpp"
#include "common/file.hpp"
#include "common/formats/snp_certificates.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/snp/report.hpp"
#include "relying-party/verifier/snp/verify.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::verifier {

constexpr std::time_t kIn2026 = 1'780'000'000;
constexpr std::time_t kIn2035 = 2'060'000'000;

struct Case {
    Bytes report;
    Bytes vcek;
    Bytes ask;
    Bytes ark;  ///< as it came with the report
    Bytes root;

    [[nodiscard]] Bytes table() const {
        std::vector<snp::TableCertificate> certificates{
            {snp::kVcekGuid, vcek}, {snp::kAskGuid, ask}, {snp::kArkGuid, ark}};
        std::erase_if(certificates, [](const auto& certificate) { return certificate.der.empty(); });
        return snp::encode_certificate_table(certificates);
    }
    [[nodiscard]] snp::Evidence evidence() const { return snp::evidence_of(report, table()).value(); }
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

/// Trusts that root and none of AMD's.
inline SnpTrust trust_in(const Bytes& root) {
    SnpTrust trust;
    trust.roots = {.amd = false, .simulated = {root}};
    trust.at = kIn2026;
    return trust;
}

template <class T>
void expect_refused(const Result<T>& status, std::string_view why) {
    ASSERT_FALSE(status) << "expected: " << why;
    EXPECT_EQ(status.error().fault, Fault::kNo);
    EXPECT_NE(status.error().message.find(why), std::string::npos) << status.error().message;
    EXPECT_EQ(ERR_peek_error(), 0U);
}

inline std::string text_of(const std::filesystem::path& path) {
    const Bytes bytes = read_file(path, 1 << 20).value();
    return {bytes.begin(), bytes.end()};
}

inline Bytes pem_of(ByteSpan der) {
    // RFC 7468, section 2: lines of 64 characters.
    const std::string base64 = to_base64(der);
    std::string pem = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
    pem += "-----END CERTIFICATE-----\n";
    const auto bytes = as_bytes(pem);
    return {bytes.begin(), bytes.end()};
}

/// AMD's ASK, ARK and ASVK of that line, in DER.
inline std::vector<Bytes> authorities_of(const std::string& line) {
    const auto path = test::vectors() / "roots" / (line + "_ask_ark_asvk.pem");
    std::vector<Bytes> found;
    const auto certificates = read_certificates(read_file(path, 1 << 20).value(), 3).value();
    for (const auto& certificate : certificates) found.push_back(to_der(*certificate).value());
    return found;
}

/// The real report, or nothing where the vectors are missing.
inline std::optional<Case> real_milan() {
    const auto folder = test::vectors();
    if (!std::filesystem::exists(folder / "amd-sev/report_milan_v2.hex")) return std::nullopt;
    std::string hex = text_of(folder / "amd-sev/report_milan_v2.hex");
    std::erase_if(hex, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    const auto authorities = authorities_of("milan");
    return Case{.report = from_hex(hex).value(),
                .vcek = read_file(folder / "amd-sev/vcek_milan.der", 1 << 16).value(),
                .ask = authorities.at(0),
                .ark = authorities.at(1),
                .root = authorities.at(1)};
}

#define REAL_MILAN(name)                                                                         \
    const auto found_##name = real_milan();                                                      \
    if (!found_##name) GTEST_SKIP() << "set HALLMARK_VECTORS to the folder of the test vectors"; \
    Case name = *found_##name

/// The simulated platform, made once: its RSA keys take seconds.
inline const boot::SimulatedChain& simulated_chain() {
    static const test::TemporaryFolder kFolder;
    static const auto kChain = boot::SimulatedChain::open(kFolder.path() / "chain", [] {});
    return *kChain;
}

inline Case simulated(boot::LaunchFacts facts) {
    facts.measurement.fill(0x5a);
    const auto processor = boot::SimulatedProcessor::make(simulated_chain(), facts);
    EXPECT_TRUE(processor);
    const auto report = processor->report({}, 0).value();
    const auto bytes = as_bytes(report);
    Case made;
    made.report.assign(bytes.begin(), bytes.end());
    std::map<Guid, Bytes> table;
    auto entries = snp::parse_certificate_table(processor->certificates()).value();
    for (auto& entry : entries) table[entry.guid] = std::move(entry.der);
    made.vcek = table.at(snp::kVcekGuid);
    made.ask = table.at(snp::kAskGuid);
    made.ark = table.at(snp::kArkGuid);
    made.root = simulated_chain().ark();
    return made;
}

/// Signed as a firmware does it.
inline Bytes sign(snp::AttestationReport report, EVP_PKEY& key) {
    const openssl::DigestContext context(EVP_MD_CTX_new());
    Bytes der(256);
    std::size_t size = der.size();
    const auto covered = as_bytes(report).first(snp::kSignedSize);
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, &key), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), der.data(), &size, covered.data(), covered.size()), 1);
    const unsigned char* cursor = der.data();
    const openssl::EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)));
    BN_bn2lebinpad(ECDSA_SIG_get0_r(pair.get()), report.signature.r.data(), 72);
    BN_bn2lebinpad(ECDSA_SIG_get0_s(pair.get()), report.signature.s.data(), 72);
    const auto bytes = as_bytes(report);
    return {bytes.begin(), bytes.end()};
}

/// A report with something changed, signed again by its own VCEK: what a platform could say that lies about itself.
inline Case resigned(const std::function<void(snp::AttestationReport&)>& change, unsigned signature = 0xa00f11) {
    Case made = simulated({.cpu_signature = signature});
    auto report = snp::parse_report(made.report).value();
    change(report);
    const auto vcek = simulated_chain().vcek(boot::product_of(boot::cpu_model(signature)));
    made.report = sign(report, *vcek->key);
    return made;
}

}  // namespace hallmark::verifier
