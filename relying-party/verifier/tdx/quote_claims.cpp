// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/quote_claims.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "common/hex.hpp"

namespace hallmark::verifier {
namespace {

Json header_claims(const tdx::QuoteHeader& header) {
    return {{"version", to_hex(as_bytes(header.version))},
            {"att_key_type", to_hex(as_bytes(header.attestation_key_type))},
            {"tee_type", to_hex(as_bytes(header.tee_type))},
            {"reserved", to_hex(header.reserved_08)},
            {"vendor_id", to_hex(header.vendor_id)},
            {"user_data", to_hex(header.user_data)}};
}

Json body_claims(const tdx::Quote& quote) {
    const auto& body = quote.body;
    Json claims = {{"tcb_svn", to_hex(body.tee_tcb_svn)},
                   {"mr_seam", to_hex(body.mr_seam)},
                   {"mrsigner_seam", to_hex(body.mr_signer_seam)},
                   {"seam_attributes", to_hex(as_bytes(body.seam_attributes))},
                   {"td_attributes", to_hex(as_bytes(body.td_attributes))},
                   {"xfam", to_hex(as_bytes(body.xfam))},
                   {"mr_td", to_hex(body.mr_td)},
                   {"mr_config_id", to_hex(body.mr_config_id)},
                   {"mr_owner", to_hex(body.mr_owner)},
                   {"mr_owner_config", to_hex(body.mr_owner_config)},
                   {"rtmr_0", to_hex(body.rtmr[0])},
                   {"rtmr_1", to_hex(body.rtmr[1])},
                   {"rtmr_2", to_hex(body.rtmr[2])},
                   {"rtmr_3", to_hex(body.rtmr[3])},
                   {"report_data", to_hex(body.report_data)}};
    if (quote.body_type == tdx::BodyType::kTd15) {
        claims["tee_tcb_svn2"] = to_hex(quote.extension.tee_tcb_svn2);
        claims["mr_servicetd"] = to_hex(quote.extension.mr_service_td);
    }
    return claims;
}

Json attribute_flags(std::uint64_t attributes) {
    const auto is_set = [&](std::uint64_t bit) { return (attributes & bit) != 0; };
    return {{"debug", is_set(tdx::kAttributeDebug)},
            {"key_locker", is_set(tdx::kAttributeKeyLocker)},
            {"perfmon", is_set(tdx::kAttributePerfmon)},
            {"protection_keys", is_set(tdx::kAttributePks)},
            {"septve_disable", is_set(tdx::kAttributeSeptVeDisable)}};
}

}  // namespace

void add_quote_claims(const tdx::Quote& quote, Json& claims) {
    const Json header = header_claims(quote.header);
    const Json body = body_claims(quote);
    Json whole = {{"header", header}, {"body", body}};
    if (quote.header.version == 5) {
        const std::size_t extension = quote.body_type == tdx::BodyType::kTd15 ? sizeof quote.extension : 0;
        whole["type"] = to_hex(as_bytes(Le16(std::to_underlying(quote.body_type))));
        whole["size"] = to_hex(as_bytes(Le32(static_cast<std::uint32_t>(sizeof quote.body + extension))));
    }
    for (const auto* part : {&header, &body})
        for (const auto& [name, value] : part->items()) claims[name] = value;
    claims["quote"] = std::move(whole);
    claims["td_attributes"] = attribute_flags(quote.body.td_attributes);
    claims["init_data"] = to_hex(quote.body.mr_config_id);
}

void add_pck_claims(const PckFacts& pck, Json& claims) {
    static constexpr std::array<const char*, 3> kTypes = {"Standard", "Scalable", "Scalable with Integrity"};
    claims["platform_provider_id"] = to_hex(pck.ppid);
    if (pck.platform_instance) {
        // Trustee reads it as a number, little-endian.
        auto instance = *pck.platform_instance;
        std::ranges::reverse(instance);
        claims["platform_instance_id"] = to_hex(instance);
    }
    if (pck.sgx_type < kTypes.size()) claims["sgx_type"] = kTypes.at(pck.sgx_type);
    if (pck.dynamic_platform) claims["is_dynamic_platform"] = *pck.dynamic_platform;
    if (pck.cached_keys) claims["is_cached_keys"] = *pck.cached_keys;
    if (pck.smt_enabled) claims["is_smt_enabled"] = *pck.smt_enabled;
    claims["fmspc"] = to_hex(pck.fmspc);
    claims["pce_id"] = to_hex(pck.pce_id);
    claims["pce_svn"] = pck.pce_svn;
}

}  // namespace hallmark::verifier
