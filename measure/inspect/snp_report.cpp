// SPDX-License-Identifier: Apache-2.0
#include "measure/inspect/snp_report.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "common/formats/snp_report.hpp"
#include "common/formats/snp_tcb.hpp"
#include "common/hex.hpp"
#include "measure/inspect/format.hpp"

namespace hallmark::inspect {
namespace {

using snp::AttestationReport;

constexpr std::size_t kSize = sizeof(AttestationReport);

bool is_report(ByteSpan bytes) {
    const auto report = report_bytes(bytes);
    return report && snp::parse_report(*report).has_value();
}

/// Version 2 doesn't say which product it is from.
std::optional<snp::TcbLayout> layout_of(const AttestationReport& report) {
    if (report.version < 3) return std::nullopt;
    if (report.cpuid_family == 0x19) return snp::TcbLayout::kMilan;
    // 0x50 and up are a later product, whose layout is another.
    if (report.cpuid_family == 0x1a && report.cpuid_model < 0x50) return snp::TcbLayout::kTurin;
    return std::nullopt;
}

Json tcb(const snp::TcbVersion& version, std::optional<snp::TcbLayout> layout) {
    if (!layout) return to_hex(version);
    const auto parts = snp::decode_tcb(version, *layout);
    Json json = {{"bytes", to_hex(version)},
                 {"boot_loader", parts.boot_loader},
                 {"tee", parts.tee},
                 {"snp", parts.snp},
                 {"microcode", parts.microcode}};
    if (*layout == snp::TcbLayout::kTurin) json["fmc"] = parts.fmc;
    return json;
}

Json policy(std::uint64_t value) {
    return {{"value", hex_number(value)},
            {"abi_major", value >> 8 & 0xff},
            {"abi_minor", value & 0xff},
            {"smt_allowed", (value & snp::kPolicySmtAllowed) != 0},
            {"migration_agent_allowed", (value >> 18 & 1) != 0},
            {"debug_allowed", (value & snp::kPolicyDebugAllowed) != 0},
            {"single_socket", (value >> 20 & 1) != 0}};
}

std::string version_text(const snp::FirmwareVersion& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.build);
}

Result<Json> describe(ByteSpan bytes, const std::string& what) {
    const auto raw = report_bytes(bytes);
    auto parsed = snp::parse_report(raw ? ByteSpan(*raw) : bytes);
    if (!parsed) return std::unexpected(parsed.error().at(what));
    const AttestationReport& report = *parsed;
    const auto layout = layout_of(report);
    Json json = {{"version", report.version.get()},
                 {"guest_svn", report.guest_svn.get()},
                 {"policy", policy(report.policy)},
                 {"family_id", to_hex(report.family_id)},
                 {"image_id", to_hex(report.image_id)},
                 {"vmpl", report.vmpl.get()},
                 {"signature_algorithm", report.signature_algorithm.get()},
                 {"measurement", to_hex(report.measurement)},
                 {"report_data", to_hex(report.report_data)},
                 {"host_data", to_hex(report.host_data)},
                 {"id_key_digest", to_hex(report.id_key_digest)},
                 {"author_key_digest", to_hex(report.author_key_digest)},
                 {"report_id", to_hex(report.report_id)},
                 {"report_id_ma", to_hex(report.report_id_ma)},
                 {"chip_id", to_hex(report.chip_id)},
                 {"platform_info", hex_number(report.platform_info)},
                 {"key_info", hex_number(report.key_info)},
                 {"current_tcb", tcb(report.current_tcb, layout)},
                 {"reported_tcb", tcb(report.reported_tcb, layout)},
                 {"committed_tcb", tcb(report.committed_tcb, layout)},
                 {"launch_tcb", tcb(report.launch_tcb, layout)},
                 {"current_version", version_text(report.current_version)},
                 {"committed_version", version_text(report.committed_version)}};
    if (report.version >= 3)
        json["cpu"] = {
            {"family", report.cpuid_family}, {"model", report.cpuid_model}, {"stepping", report.cpuid_stepping}};
    if (report.version >= 5) {
        json["launch_mitigation_vector"] = hex_number(report.launch_mitigation_vector);
        json["current_mitigation_vector"] = hex_number(report.current_mitigation_vector);
    }
    json["signature"] = {{"r", to_hex(report.signature.r)}, {"s", to_hex(report.signature.s)}};
    return json;
}

}  // namespace

std::optional<Bytes> report_bytes(ByteSpan bytes) {
    if (bytes.size() == kSize) return Bytes(bytes.begin(), bytes.end());
    if (bytes.size() < 2 * kSize || bytes.size() > 4 * kSize) return std::nullopt;
    std::string text(bytes.begin(), bytes.end());
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    auto report = from_hex(text);
    if (!report || report->size() != kSize) return std::nullopt;
    return std::move(*report);
}

const Format kSnpReport{.name = "snp-report",
                        .title = "SEV-SNP attestation report, as bytes or hexadecimal text",
                        .recognise = is_report,
                        .describe = describe};

}  // namespace hallmark::inspect
