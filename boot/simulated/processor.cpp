// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/processor.hpp"

#include <openssl/rand.h>

#include "common/formats/snp_certificates.hpp"

namespace hallmark::boot {
namespace {

constexpr std::uint32_t kReportVersion = 3;
constexpr std::uint64_t kPlatformSmt = 1U << 0;
constexpr std::uint64_t kPlatformAliasCheck = 1U << 5;
constexpr snp::FirmwareVersion kFirmware{.build = 31, .minor = 55, .major = 1, .reserved_3 = 0};

Result<snp::Signature> sign(EVP_PKEY& key, ByteSpan bytes) {
    const openssl::DigestContext context(EVP_MD_CTX_new());
    Bytes der(256);
    std::size_t size = der.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, &key) != 1 ||
        EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()) != 1)
        return std::unexpected(openssl::error("report signature"));
    const unsigned char* cursor = der.data();
    const openssl::EcdsaSignature ecdsa(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)));
    snp::Signature signature;
    if (!ecdsa ||
        BN_bn2lebinpad(ECDSA_SIG_get0_r(ecdsa.get()), signature.r.data(), static_cast<int>(signature.r.size())) < 0 ||
        BN_bn2lebinpad(ECDSA_SIG_get0_s(ecdsa.get()), signature.s.data(), static_cast<int>(signature.s.size())) < 0)
        return std::unexpected(openssl::error("report signature"));
    return signature;
}

snp::AttestationReport report_of(const LaunchFacts& facts, const Product& product, const ChipId& chip_id) {
    const snp::CpuModel model = cpu_model(facts.cpu_signature);
    snp::AttestationReport report;
    report.version = kReportVersion;
    report.policy = facts.policy;
    report.signature_algorithm = snp::kEcdsaP384Sha384;
    report.current_tcb = report.reported_tcb = report.committed_tcb = report.launch_tcb = product.tcb_version();
    report.platform_info = kPlatformSmt | kPlatformAliasCheck;
    report.measurement = facts.measurement;
    report.host_data = facts.host_data;
    report.report_id_ma.fill(0xff);  // no migration agent
    report.cpuid_family = static_cast<std::uint8_t>(model.family);
    report.cpuid_model = static_cast<std::uint8_t>(model.model);
    report.cpuid_stepping = static_cast<std::uint8_t>(model.stepping);
    report.chip_id = chip_id;
    report.current_version = report.committed_version = kFirmware;
    return report;
}

}  // namespace

Result<SimulatedProcessor> SimulatedProcessor::make(const SimulatedChain& chain, const LaunchFacts& facts) {
    const Product& product = product_of(cpu_model(facts.cpu_signature));
    SimulatedProcessor processor;
    HALLMARK_TRY(auto vcek, chain.vcek(product));
    HALLMARK_TRY(Bytes der, x509::to_der(*vcek.certificate));
    const std::array<snp::TableCertificate, 3> table{
        {{snp::kVcekGuid, std::move(der)}, {snp::kAskGuid, chain.ask()}, {snp::kArkGuid, chain.ark()}}};
    processor.certificates_ = snp::encode_certificate_table(table);
    processor.key_ = std::move(vcek.key);
    processor.unsigned_ = report_of(facts, product, chain.chip_id(product));
    auto& report_id = processor.unsigned_.report_id;
    if (RAND_bytes(report_id.data(), static_cast<int>(report_id.size())) != 1)
        return std::unexpected(openssl::error("random numbers"));
    return processor;
}

Result<snp::AttestationReport> SimulatedProcessor::report(const std::array<std::uint8_t, 64>& report_data,
                                                          std::uint32_t vmpl) const {
    snp::AttestationReport report = unsigned_;
    report.report_data = report_data;
    report.vmpl = vmpl;
    HALLMARK_TRY(report.signature, sign(*key_, as_bytes(report).first(snp::kSignedSize)));
    return report;
}

Result<guest_port::Frame> SimulatedProcessor::answer(const guest_port::Frame& request) const {
    if (request.type != guest_port::Type::kAttestRequest)
        return guest_port::failure(request.request, "unknown request; this processor makes SNP reports");
    const auto wanted = guest_port::parse_attest_request(request.payload);
    if (!wanted) return guest_port::failure(request.request, wanted.error().message);
    HALLMARK_TRY(const auto report, this->report(wanted->report_data, wanted->vmpl));
    const ByteSpan bytes = as_bytes(report);
    const guest_port::Evidence evidence{.source = guest_port::Source::kSimulated,
                                        .kind = guest_port::Kind::kSnpReport,
                                        .report = Bytes(bytes.begin(), bytes.end()),
                                        .certificates = certificates_};
    return guest_port::Frame{guest_port::Type::kAttested, request.request, guest_port::encode_evidence(evidence)};
}

}  // namespace hallmark::boot
