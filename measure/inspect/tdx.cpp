// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "common/digest.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/formats/tdx_report.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"
#include "measure/inspect/format.hpp"

namespace hallmark::inspect {
namespace {

Json attributes(std::uint64_t value) {
    return {{"value", hex_number(value, 16)},
            {"debug", (value & tdx::kAttributeDebug) != 0},
            {"sept_ve_disable", (value & tdx::kAttributeSeptVeDisable) != 0},
            {"protection_keys", (value & tdx::kAttributePks) != 0},
            {"key_locker", (value & tdx::kAttributeKeyLocker) != 0},
            {"perfmon", (value & tdx::kAttributePerfmon) != 0}};
}

/// The registers that TDINFO and the body of a quote both have.
template <class T>
void add_registers(Json& json, const T& from) {
    json["mr_td"] = to_hex(from.mr_td);
    json["mr_config_id"] = to_hex(from.mr_config_id);
    json["mr_owner"] = to_hex(from.mr_owner);
    json["mr_owner_config"] = to_hex(from.mr_owner_config);
    for (std::size_t i = 0; i < from.rtmr.size(); ++i) json["rtmr" + std::to_string(i)] = to_hex(from.rtmr[i]);
}

std::size_t count_certificates(ByteSpan pem) {
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    const std::string_view text = text_of(pem);
    std::size_t count = 0;
    for (auto at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + kBegin.size())) ++count;
    return count;
}

Json describe_body(const tdx::Quote& quote) {
    Json json;
    add_registers(json, quote.body);
    json["report_data"] = to_hex(quote.body.report_data);
    json["td_attributes"] = attributes(quote.body.td_attributes);
    json["xfam"] = hex_number(quote.body.xfam, 16);
    json["tee_tcb_svn"] = to_hex(quote.body.tee_tcb_svn);
    json["mr_seam"] = to_hex(quote.body.mr_seam);
    json["mr_signer_seam"] = to_hex(quote.body.mr_signer_seam);
    json["seam_attributes"] = hex_number(quote.body.seam_attributes, 16);
    if (quote.body_type == tdx::BodyType::kTd15) {
        json["tee_tcb_svn2"] = to_hex(quote.extension.tee_tcb_svn2);
        json["mr_service_td"] = to_hex(quote.extension.mr_service_td);
    }
    return json;
}

bool is_quote(ByteSpan bytes) { return tdx::parse_quote(bytes).has_value(); }

Result<Json> describe_quote(ByteSpan bytes, const std::string& what) {
    const auto quote = tdx::parse_quote(bytes);
    if (!quote) return std::unexpected(quote.error().at(what));
    Json json = {{"version", quote->header.version.get()},
                 {"vendor_id", to_hex(quote->header.vendor_id)},
                 {"user_data", to_hex(quote->header.user_data)},
                 {"body_type", quote->body_type == tdx::BodyType::kTd15 ? "TDX 1.5" : "TDX 1.0"},
                 {"body", describe_body(*quote)},
                 {"signature", to_hex(quote->signature)},
                 {"attestation_key", to_hex(quote->attestation_key)}};
    const auto& report = quote->qe_report;
    json["qe_report"] = {{"mr_enclave", to_hex(report.mr_enclave)}, {"mr_signer", to_hex(report.mr_signer)},
                         {"isv_prod_id", report.isv_prod_id.get()}, {"isv_svn", report.isv_svn.get()},
                         {"cpu_svn", to_hex(report.cpu_svn)},       {"report_data", to_hex(report.report_data)}};
    json["authentication_data"] = to_hex(quote->authentication_data);
    json["certification"] = {{"type", quote->certification_type},
                             {"size", quote->certification.size()},
                             {"certificates", count_certificates(quote->certification)}};
    return json;
}

bool is_report(ByteSpan bytes) { return tdx::parse_td_report(bytes).has_value(); }

Result<Json> describe_report(ByteSpan bytes, const std::string& what) {
    const auto parsed = tdx::parse_td_report(bytes);
    if (!parsed) return std::unexpected(parsed.error().at(what));
    const auto& report = *parsed;
    Json json;
    add_registers(json, report.td_info);
    json["service_td_hash"] = to_hex(report.td_info.service_td_hash);
    json["report_data"] = to_hex(report.mac.report_data);
    json["td_attributes"] = attributes(report.td_info.attributes);
    json["xfam"] = hex_number(report.td_info.xfam, 16);
    json["tee_tcb_svn"] = to_hex(report.tee_tcb_info.tee_tcb_svn);
    json["tee_tcb_svn2"] = to_hex(report.tee_tcb_info.tee_tcb_svn2);
    json["mr_seam"] = to_hex(report.tee_tcb_info.mr_seam);
    json["mr_signer_seam"] = to_hex(report.tee_tcb_info.mr_signer_seam);
    json["cpu_svn"] = to_hex(report.mac.cpu_svn);
    // What the two hashes cover is here; the MAC can only be checked on the machine that made it.
    json["tee_tcb_info_hash_fits"] = equal(report.mac.tee_tcb_info_hash, sha384(as_bytes(report.tee_tcb_info)));
    json["tee_info_hash_fits"] = equal(report.mac.tee_info_hash, sha384(as_bytes(report.td_info)));
    return json;
}

}  // namespace

const Format kTdReport{
    .name = "td-report", .title = "TDREPORT of a trust domain", .recognise = is_report, .describe = describe_report};
const Format kTdxQuote{
    .name = "tdx-quote", .title = "TDX quote, version 4 or 5", .recognise = is_quote, .describe = describe_quote};

}  // namespace hallmark::inspect
