// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/report.hpp"

#include <algorithm>

#include "common/formats/snp_evidence.hpp"
#include "common/formats/snp_product.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/snp/verify.hpp"

namespace hallmark::verifier {
namespace {

constexpr int kP384Bits = 384;
constexpr std::uint32_t kFirstWithCpuid = 3;
constexpr unsigned kZen3Family = 0x19;  // the first with SNP

/// Little-endian and zero-extended in the report; OpenSSL takes the pair in DER.
Result<Bytes> signature_der(const snp::Signature& signature) {
    const openssl::EcdsaSignature pair(ECDSA_SIG_new());
    openssl::Number r(BN_lebin2bn(signature.r.data(), static_cast<int>(signature.r.size()), nullptr));
    openssl::Number s(BN_lebin2bn(signature.s.data(), static_cast<int>(signature.s.size()), nullptr));
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
        return std::unexpected(openssl::error("report signature"));
    (void)r.release();  // the pair owns them now
    (void)s.release();
    unsigned char* encoded = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &encoded);
    if (size <= 0) return std::unexpected(openssl::error("report signature"));
    Bytes der(encoded, encoded + size);
    OPENSSL_free(encoded);
    return der;
}

/// Before version 3 a report doesn't tell the processor.
Status check_processor(const snp::AttestationReport& report, const EndorsementKey& key, bool simulated) {
    if (report.version < kFirstWithCpuid) return {};
    const bool played = simulated && report.cpuid_family < kZen3Family && key.line == snp::ProductLine::kMilan;
    if (played || snp::product_line(report.cpuid_family, report.cpuid_model) == key.line) return {};
    return refused("report: family " + hex_number(report.cpuid_family) + " model " + hex_number(report.cpuid_model) +
                   " is not a " + key.product_name);
}

}  // namespace

Status verify_signature(const snp::AttestationReport& report, const X509& certificate) {
    if (report.signature_algorithm != snp::kEcdsaP384Sha384)
        return refused("report: signature algorithm " + std::to_string(report.signature_algorithm.get()) +
                       ", expected 1 (ECDSA P-384 with SHA-384)");
    EVP_PKEY* key = X509_get0_pubkey(&certificate);
    char curve[32] = "";
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || EVP_PKEY_get_bits(key) != kP384Bits ||
        EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) != 1 || std::string_view(curve) != SN_secp384r1) {
        ERR_clear_error();
        return refused("endorsement key: it is not on P-384");
    }
    HALLMARK_TRY(const Bytes der, signature_der(report.signature));
    const openssl::DigestContext context(EVP_MD_CTX_new());
    const ByteSpan covered = as_bytes(report).first(snp::kSignedSize);
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha384(), nullptr, key) != 1)
        return std::unexpected(openssl::error("report signature"));
    if (EVP_DigestVerify(context.get(), der.data(), der.size(), covered.data(), covered.size()) == 1) return {};
    ERR_clear_error();
    return refused("report: its signature is not by the key of its certificate");
}

bool is_chip_id_masked(const snp::AttestationReport& report) { return all_zero(report.chip_id); }

Status check_platform(const snp::AttestationReport& report, const EndorsementKey& key, bool simulated) {
    const std::string kind(name_of(key.kind));
    const snp::TcbVersion endorsed = key.tcb_version();
    if (report.reported_tcb != endorsed)
        return refused("report: its TCB " + to_hex(report.reported_tcb) + " is not the " + kind + "'s " +
                       to_hex(endorsed) + "; give the certificate for this TCB");
    if (key.kind == KeyKind::kVcek && !is_chip_id_masked(report)) {
        const auto id = ByteSpan(report.chip_id);
        const auto size = key.hardware_id.size();
        if (size > id.size() || !equal(id.first(size), key.hardware_id) || !all_zero(id.subspan(size)))
            return refused("report: its chip identifier is not the VCEK's");
    }
    return check_processor(report, key, simulated);
}

Status appraise(const snp::AttestationReport& report, const Expected& expected) {
    if (report.report_data != expected.report_data)
        return refused("report: its report data are not the challenge; it was made for another one");
    if (report.vmpl != 0) return refused("report: VMPL " + std::to_string(report.vmpl.get()) + ", expected 0");
    if ((report.policy & snp::kPolicyDebugAllowed) != 0)
        return refused("report: policy " + hex_number(report.policy) + " lets the host debug the guest");
    if (report.policy != expected.policy)
        return refused("report: policy " + hex_number(report.policy) + ", expected " + hex_number(expected.policy));
    if (report.host_data != expected.host_data)
        return refused("report: host data " + to_hex(report.host_data) + ", expected " + to_hex(expected.host_data));
    return {};
}

Result<snp::AttestationReport> prove(ByteSpan report, ByteSpan certificate_table, ByteSpan trusted_root,
                                     const Expected& expected, std::optional<std::time_t> at) {
    const auto evidence = snp::evidence_of(report, certificate_table);
    if (!evidence) return refused(evidence.error().message);
    SnpTrust trust;
    trust.roots = {.amd = false, .simulated = {Bytes(trusted_root.begin(), trusted_root.end())}};
    trust.at = at;
    HALLMARK_TRY(const Verified verified, verify_snp(*evidence, trust));
    HALLMARK_TRY(const auto parsed, snp::parse_report(report));
    HALLMARK_CHECK(appraise(parsed, expected));
    return parsed;
}

}  // namespace hallmark::verifier
