// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/claims.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/formats/snp_product.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/snp/report.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::uint32_t kFirstWithCpuid = 3;
constexpr std::uint32_t kFirstWithMitigations = 5;

// At least as many as there are: a list of names that grows copies them.
constexpr std::size_t kMostClaims = 96;

struct Bit {
    int position;
    std::string_view claim;
};

constexpr std::array<Bit, 9> kPolicyBits{{{16, "policy_smt_allowed"},
                                          {18, "policy_migrate_ma"},
                                          {19, "policy_debug_allowed"},
                                          {20, "policy_single_socket"},
                                          {21, "policy_cxl_allowed"},
                                          {22, "policy_mem_aes_256_xts"},
                                          {23, "policy_rapl_disabled"},
                                          {24, "policy_ciphertext_hiding"},
                                          {25, "policy_page_swap_disabled"}}};

constexpr std::array<Bit, 7> kPlatformBits{{{0, "platform_smt_enabled"},
                                            {1, "platform_tsme_enabled"},
                                            {2, "platform_ecc_enabled"},
                                            {3, "platform_rapl_disabled"},
                                            {4, "platform_ciphertext_hiding"},
                                            {5, "platform_alias_check_complete"},
                                            {7, "platform_tio_enabled"}}};

template <std::size_t kCount>
void add_bits(Json& claims, std::uint64_t value, const std::array<Bit, kCount>& bits) {
    for (const auto& bit : bits) claims[std::string(bit.claim)] = (value >> bit.position & 1) != 0;
}

void add_tcb(Json& claims, const std::string& which, const snp::TcbVersion& tcb, snp::TcbLayout layout) {
    const snp::TcbParts parts = snp::decode_tcb(tcb, layout);
    claims[which + "_bootloader"] = parts.boot_loader;
    claims[which + "_tee"] = parts.tee;
    claims[which + "_snp"] = parts.snp;
    claims[which + "_microcode"] = parts.microcode;
    if (layout == snp::TcbLayout::kTurin) claims[which + "_fmc"] = parts.fmc;
}

std::string text_of(const snp::FirmwareVersion& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.build);
}

void add_identity(Json& claims, const snp::AttestationReport& report) {
    claims["measurement"] = to_hex(report.measurement);
    claims["report_data"] = to_hex(report.report_data);
    claims["init_data"] = to_hex(report.host_data);
    claims["host_data"] = to_hex(report.host_data);
    claims["chip_id"] = to_hex(report.chip_id);
    claims["chip_id_masked"] = is_chip_id_masked(report);
    claims["family_id"] = to_hex(report.family_id);
    claims["image_id"] = to_hex(report.image_id);
    claims["id_key_digest"] = to_hex(report.id_key_digest);
    claims["author_key_digest"] = to_hex(report.author_key_digest);
    claims["author_key_enabled"] = (report.key_info & 1) != 0;
    claims["report_id"] = to_hex(report.report_id);
    claims["report_id_ma"] = to_hex(report.report_id_ma);
    claims["guest_svn"] = report.guest_svn.get();
    claims["vmpl"] = report.vmpl.get();
}

void add_platform(Json& claims, const snp::AttestationReport& report, snp::TcbLayout layout) {
    add_tcb(claims, "reported_tcb", report.reported_tcb, layout);
    add_tcb(claims, "current_tcb", report.current_tcb, layout);
    add_tcb(claims, "committed_tcb", report.committed_tcb, layout);
    add_tcb(claims, "launch_tcb", report.launch_tcb, layout);
    claims["current_firmware"] = text_of(report.current_version);
    claims["committed_firmware"] = text_of(report.committed_version);
    claims["policy"] = report.policy.get();
    claims["policy_abi_major"] = report.policy >> 8 & 0xff;
    claims["policy_abi_minor"] = report.policy & 0xff;
    add_bits(claims, report.policy, kPolicyBits);
    claims["platform_info"] = report.platform_info.get();
    add_bits(claims, report.platform_info, kPlatformBits);
    if (report.version >= kFirstWithCpuid) {
        claims["cpuid_family"] = report.cpuid_family;
        claims["cpuid_model"] = report.cpuid_model;
        claims["cpuid_stepping"] = report.cpuid_stepping;
    }
    if (report.version >= kFirstWithMitigations) {
        claims["launch_mitigation_vector"] = report.launch_mitigation_vector.get();
        claims["current_mitigation_vector"] = report.current_mitigation_vector.get();
    }
}

}  // namespace

Json snp_claims(const snp::AttestationReport& report, const EndorsementKey& key) {
    Json claims = Json::object();
    claims.get_ref<Json::object_t&>().reserve(kMostClaims);
    claims["report_version"] = report.version.get();
    add_identity(claims, report);
    add_platform(claims, report, snp::tcb_layout(key.line));
    claims["product"] = std::string(snp::name_of(key.line));
    claims["product_name"] = key.product_name;
    claims["signing_key"] = key.kind == KeyKind::kVcek ? "vcek" : "vlek";
    if (key.kind == KeyKind::kVcek) claims["hardware_id"] = to_hex(key.hardware_id);
    if (key.kind == KeyKind::kVlek) claims["csp_id"] = key.csp_id;
    return claims;
}

}  // namespace hallmark::verifier
