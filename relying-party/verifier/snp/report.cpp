// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/report.hpp"

#include <algorithm>

#include "common/hex.hpp"
#include "relying-party/verifier/snp/vcek.hpp"

namespace hallmark::verifier {
namespace {

constexpr int kP384Bits = 384;
constexpr std::uint32_t kSignerShift = 2;
constexpr std::uint32_t kSignerMask = 7;
constexpr std::uint32_t kSignerVcek = 0;
constexpr std::uint32_t kChipIdMasked = 1U << 1;

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

Status check_signature(const snp::AttestationReport& report, EVP_PKEY& key) {
    if (report.signature_algorithm != snp::kEcdsaP384Sha384)
        return refused("report: signature algorithm " + std::to_string(report.signature_algorithm.get()) +
                       ", expected 1 (ECDSA P-384 with SHA-384)");
    if (EVP_PKEY_get_base_id(&key) != EVP_PKEY_EC || EVP_PKEY_get_bits(&key) != kP384Bits)
        return refused("VCEK: its key is not on P-384");
    HALLMARK_TRY(const Bytes der, signature_der(report.signature));
    const openssl::DigestContext context(EVP_MD_CTX_new());
    const ByteSpan covered = as_bytes(report).first(snp::kSignedSize);
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha384(), nullptr, &key) != 1)
        return std::unexpected(openssl::error("report signature"));
    if (EVP_DigestVerify(context.get(), der.data(), der.size(), covered.data(), covered.size()) == 1) return {};
    ERR_clear_error();
    return refused("report: its signature is not by the key of the VCEK");
}

/// Families and models of a product line (AMD publication 56860, revision 1.58, and 57230).
bool is_of_product(const snp::AttestationReport& report, std::string_view product) {
    const auto model = report.cpuid_model;
    if (report.cpuid_family == 0x19 && model < 0x10) return product.starts_with("Milan");
    if (report.cpuid_family == 0x19 && (model < 0x20 || (model >= 0xa0 && model < 0xb0)))
        return product.starts_with("Genoa") || product.starts_with("Bergamo") || product.starts_with("Siena");
    if (report.cpuid_family == 0x1a && model < 0x12) return product.starts_with("Turin");
    // A guest CPU older than SNP itself: only a simulated platform reports one, and plays it by a Milan.
    return report.cpuid_family < 0x19 && product.starts_with("Milan");
}

Status check_platform(const snp::AttestationReport& report, const VcekFacts& vcek) {
    const snp::TcbVersion endorsed = snp::encode_tcb(vcek.tcb, vcek.layout);
    if (report.reported_tcb != endorsed)
        return refused("report: its TCB " + to_hex(report.reported_tcb) + " is not the VCEK's " + to_hex(endorsed));
    if ((report.key_info & kChipIdMasked) == 0) {
        const auto id = ByteSpan(report.chip_id);
        const auto size = vcek.hardware_id.size();
        if (size == 0 || size > id.size() || !equal(id.first(size), vcek.hardware_id) || !all_zero(id.subspan(size)))
            return refused("report: its chip identifier is not the VCEK's");
    }
    // Before version 3 a report doesn't tell the processor.
    if (report.version >= 3 && !is_of_product(report, vcek.product_name))
        return refused("report: family " + hex_number(report.cpuid_family) + " model " +
                       hex_number(report.cpuid_model) + " is not a " + vcek.product_name);
    return {};
}

}  // namespace

Status verify_signature(const snp::AttestationReport& report, const X509& vcek) {
    EVP_PKEY* key = X509_get0_pubkey(&vcek);
    if (key == nullptr) return refused("VCEK: its key can't be read");
    if ((report.key_info >> kSignerShift & kSignerMask) != kSignerVcek)
        return refused("report: signed by another key than a VCEK (key information " + hex_number(report.key_info) +
                       ")");
    HALLMARK_CHECK(check_signature(report, *key));
    HALLMARK_TRY(const VcekFacts facts, read_vcek(vcek));
    return check_platform(report, facts);
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
    auto parsed = snp::parse_report(report);
    if (!parsed) return refused(parsed.error().message);
    HALLMARK_TRY(const Endorsements endorsements, read_endorsements(certificate_table));
    HALLMARK_TRY(const auto vcek, verify_chain(endorsements, trusted_root, at));
    HALLMARK_CHECK(verify_signature(*parsed, *vcek));
    HALLMARK_CHECK(appraise(*parsed, expected));
    return *parsed;
}

}  // namespace hallmark::verifier
