// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/quoting.hpp"

#include <algorithm>
#include <numeric>

#include "boot/simulated/tdx/p256.hpp"
#include "common/digest.hpp"

namespace hallmark::boot {
namespace {

constexpr std::uint16_t kTdQuotingEnclave = 2;  // ISVPRODID of Intel's
constexpr std::uint16_t kSvn = 4;
constexpr std::uint8_t kInitialised = 0x01;
constexpr std::uint8_t kMode64 = 0x04;
constexpr std::uint8_t kProvisioningKey = 0x10;

/// 32 bytes, as Intel's enclave has them.
std::array<std::uint8_t, 32> authentication_data() {
    std::array<std::uint8_t, 32> data{};
    std::iota(data.begin(), data.end(), std::uint8_t{0});
    return data;
}

tdx::EnclaveReport enclave_report(const tdx::P256Pair& attestation_key) {
    tdx::EnclaveReport report;
    report.attributes[0] = kInitialised | kMode64 | kProvisioningKey;
    report.mr_enclave = sha256(as_bytes("hallmark simulated quoting enclave"));
    report.mr_signer = sha256(as_bytes("hallmark simulated enclave signer"));
    report.isv_prod_id = kTdQuotingEnclave;
    report.isv_svn = kSvn;
    Bytes bound(attestation_key.begin(), attestation_key.end());
    append(bound, authentication_data());
    const Sha256 digest = sha256(bound);
    std::copy(digest.begin(), digest.end(), report.report_data.begin());
    return report;
}

tdx::QuoteBody body_of(const tdx::TdReport& report) {
    tdx::QuoteBody body;
    body.tee_tcb_svn = report.tee_tcb_info.tee_tcb_svn;
    body.mr_seam = report.tee_tcb_info.mr_seam;
    body.mr_signer_seam = report.tee_tcb_info.mr_signer_seam;
    body.seam_attributes = report.tee_tcb_info.attributes;
    body.td_attributes = report.td_info.attributes;
    body.xfam = report.td_info.xfam;
    body.mr_td = report.td_info.mr_td;
    body.mr_config_id = report.td_info.mr_config_id;
    body.mr_owner = report.td_info.mr_owner;
    body.mr_owner_config = report.td_info.mr_owner_config;
    body.rtmr = report.td_info.rtmr;
    body.report_data = report.mac.report_data;
    return body;
}

}  // namespace

Result<QuotingEnclave> QuotingEnclave::make(const TdxChain& chain) {
    QuotingEnclave enclave;
    HALLMARK_TRY(enclave.attestation_key_, make_p256());
    HALLMARK_TRY(enclave.attestation_point_, public_point(*enclave.attestation_key_));
    enclave.report_ = enclave_report(enclave.attestation_point_);
    HALLMARK_TRY(enclave.report_signature_, sign_p256(chain.pck(), as_bytes(enclave.report_)));
    enclave.certificates_ = chain.pem();
    return enclave;
}

Result<Bytes> QuotingEnclave::quote(const tdx::TdReport& report, QuoteVersion version) const {
    const auto data = authentication_data();
    tdx::Quote quote;
    quote.header.version = static_cast<std::uint16_t>(version);
    quote.header.attestation_key_type = tdx::kEcdsaP256Sha256;
    quote.header.tee_type = tdx::kTeeTypeTdx;
    quote.header.vendor_id = tdx::kIntelVendorId;
    quote.body_type = version == QuoteVersion::kV4 ? tdx::BodyType::kTd10 : tdx::BodyType::kTd15;
    quote.body = body_of(report);
    quote.extension.tee_tcb_svn2 = report.tee_tcb_info.tee_tcb_svn2;
    quote.extension.mr_service_td = report.td_info.service_td_hash;
    HALLMARK_TRY(quote.signature, sign_p256(*attestation_key_, tdx::encode_signed_part(quote)));
    quote.attestation_key = attestation_point_;
    quote.qe_report = report_;
    quote.qe_signature = report_signature_;
    quote.authentication_data = data;
    quote.certification = certificates_;
    return tdx::encode_quote(quote);
}

}  // namespace hallmark::boot
