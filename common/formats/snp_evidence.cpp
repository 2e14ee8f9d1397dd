// SPDX-License-Identifier: Apache-2.0
#include "common/formats/snp_evidence.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "common/formats/snp_certificates.hpp"
#include "common/formats/snp_product.hpp"
#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

constexpr std::size_t kMostCertificates = 16;
constexpr std::size_t kLargestCertificate = 64 * 1024;
constexpr std::uint32_t kFirstWithCpuid = 3;
constexpr std::uint32_t kFirstWithMitigations = 5;

struct KindName {
    CertificateKind kind;
    std::string_view name;
    Guid guid;
};
constexpr std::array<KindName, 6> kKinds{{{CertificateKind::kArk, "ARK", kArkGuid},
                                          {CertificateKind::kAsk, "ASK", kAskGuid},
                                          {CertificateKind::kVcek, "VCEK", kVcekGuid},
                                          {CertificateKind::kVlek, "VLEK", kVlekGuid},
                                          {CertificateKind::kCrl, "CRL", kCrlGuid},
                                          {CertificateKind::kEmpty, "Empty", Guid{}}}};

/// The fields of a JSON object by name, with bounds. Null and missing are the same.
class Fields {
public:
    static Result<Fields> of(const Json& json, const std::string& where, std::initializer_list<std::string_view> keys) {
        HALLMARK_TRY(const auto object, JsonObject::of(json, where));
        HALLMARK_CHECK(object.only(keys));
        return Fields(json, object);
    }

    Result<std::uint64_t> number(std::string_view key, std::uint64_t most) const {
        HALLMARK_TRY(const auto value, object_.number(key));
        if (value > most)
            return bad_input(object_.path_of(key) + ": " + std::to_string(value) + ", expected at most " +
                             std::to_string(most));
        return value;
    }
    Result<std::uint8_t> byte(std::string_view key) const {
        HALLMARK_TRY(const auto value, number(key, std::numeric_limits<std::uint8_t>::max()));
        return static_cast<std::uint8_t>(value);
    }
    Result<std::uint32_t> word(std::string_view key) const {
        HALLMARK_TRY(const auto value, number(key, std::numeric_limits<std::uint32_t>::max()));
        return static_cast<std::uint32_t>(value);
    }
    Result<std::uint64_t> long_word(std::string_view key) const {
        return number(key, std::numeric_limits<std::uint64_t>::max());
    }

    /// 0 where the report's version has no such field, and must have it where it has.
    Result<std::uint64_t> since(bool there, std::string_view key, std::uint64_t most) const {
        if (there) return number(key, most);
        if (is_null(key)) return 0;
        return bad_input(object_.path_of(key) + ": expected null, or nothing, in a report of this version");
    }

    [[nodiscard]] bool is_null(std::string_view key) const {
        const auto found = json_->find(key);
        return found == json_->end() || found->is_null();
    }
    [[nodiscard]] const Json& operator[](std::string_view key) const {
        static const Json kNothing;
        const auto found = json_->find(key);
        return found == json_->end() ? kNothing : *found;
    }
    [[nodiscard]] std::string path_of(std::string_view key) const { return object_.path_of(key); }

private:
    Fields(const Json& json, JsonObject object) : json_(&json), object_(std::move(object)) {}
    const Json* json_;  // borrowed, as JsonObject does
    JsonObject object_;
};

/// How long a list of bytes is, in either form of parse_json_with_bytes(); nothing for any other value.
std::optional<std::size_t> length_of(const Json& list) {
    if (list.is_binary()) return list.get_binary().size();
    return list.is_array() ? std::optional(list.size()) : std::nullopt;
}

Status read_bytes(const Fields& fields, std::string_view key, std::span<std::uint8_t> to) {
    const Json& list = fields[key];
    if (length_of(list) != to.size())
        return bad_input(fields.path_of(key) + ": expected a list of " + std::to_string(to.size()) + " numbers");
    if (list.is_binary()) {
        std::ranges::copy(list.get_binary(), to.begin());
        return {};
    }
    for (std::size_t i = 0; i < to.size(); ++i) {
        const Json& value = list[i];
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 0xff)
            return bad_input(fields.path_of(key) + "[" + std::to_string(i) + "]: expected a number from 0 to 255");
        to[i] = static_cast<std::uint8_t>(value.get<std::uint64_t>());
    }
    return {};
}

Json list_of(ByteSpan bytes) { return Json::binary({bytes.begin(), bytes.end()}); }

Result<TcbVersion> read_tcb(const Fields& report, std::string_view key, std::optional<TcbLayout>& layout) {
    HALLMARK_TRY(const auto fields,
                 Fields::of(report[key], report.path_of(key), {"fmc", "bootloader", "tee", "snp", "microcode"}));
    const TcbLayout own = fields.is_null("fmc") ? TcbLayout::kMilan : TcbLayout::kTurin;
    if (layout.value_or(own) != own)
        return bad_input(fields.path_of("fmc") + ": a number in one TCB and null in another; one processor has one");
    layout = own;
    TcbParts parts;
    if (own == TcbLayout::kTurin) {
        HALLMARK_TRY(parts.fmc, fields.byte("fmc"));
    }
    HALLMARK_TRY(parts.boot_loader, fields.byte("bootloader"));
    HALLMARK_TRY(parts.tee, fields.byte("tee"));
    HALLMARK_TRY(parts.snp, fields.byte("snp"));
    HALLMARK_TRY(parts.microcode, fields.byte("microcode"));
    return encode_tcb(parts, own);
}

Json tcb_json(const TcbVersion& tcb, TcbLayout layout) {
    const TcbParts parts = decode_tcb(tcb, layout);
    return {{"fmc", layout == TcbLayout::kTurin ? Json(parts.fmc) : Json()},
            {"bootloader", parts.boot_loader},
            {"tee", parts.tee},
            {"snp", parts.snp},
            {"microcode", parts.microcode}};
}

Result<FirmwareVersion> read_version(const Fields& report, std::string_view key) {
    HALLMARK_TRY(const auto fields, Fields::of(report[key], report.path_of(key), {"major", "minor", "build"}));
    FirmwareVersion version;
    HALLMARK_TRY(version.major, fields.byte("major"));
    HALLMARK_TRY(version.minor, fields.byte("minor"));
    HALLMARK_TRY(version.build, fields.byte("build"));
    return version;
}

Json version_json(const FirmwareVersion& version) {
    return {{"major", version.major}, {"minor", version.minor}, {"build", version.build}};
}

Status read_numbers(const Fields& fields, AttestationReport& report) {
    HALLMARK_TRY(report.version, fields.word("version"));
    HALLMARK_TRY(report.guest_svn, fields.word("guest_svn"));
    HALLMARK_TRY(report.policy, fields.long_word("policy"));
    HALLMARK_TRY(report.vmpl, fields.word("vmpl"));
    HALLMARK_TRY(report.signature_algorithm, fields.word("sig_algo"));
    HALLMARK_TRY(report.platform_info, fields.long_word("plat_info"));
    HALLMARK_TRY(report.key_info, fields.word("key_info"));
    const bool cpuid = report.version >= kFirstWithCpuid;
    HALLMARK_TRY(const auto family, fields.since(cpuid, "cpuid_fam_id", 0xff));
    HALLMARK_TRY(const auto model, fields.since(cpuid, "cpuid_mod_id", 0xff));
    HALLMARK_TRY(const auto stepping, fields.since(cpuid, "cpuid_step", 0xff));
    report.cpuid_family = static_cast<std::uint8_t>(family);
    report.cpuid_model = static_cast<std::uint8_t>(model);
    report.cpuid_stepping = static_cast<std::uint8_t>(stepping);
    const bool mitigations = report.version >= kFirstWithMitigations;
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    HALLMARK_TRY(report.launch_mitigation_vector, fields.since(mitigations, "launch_mit_vector", kMost));
    HALLMARK_TRY(report.current_mitigation_vector, fields.since(mitigations, "current_mit_vector", kMost));
    return {};
}

Status read_byte_fields(const Fields& fields, AttestationReport& report) {
    const auto read = [&](std::string_view key, std::span<std::uint8_t> to) { return read_bytes(fields, key, to); };
    HALLMARK_CHECK(read("family_id", report.family_id));
    HALLMARK_CHECK(read("image_id", report.image_id));
    HALLMARK_CHECK(read("report_data", report.report_data));
    HALLMARK_CHECK(read("measurement", report.measurement));
    HALLMARK_CHECK(read("host_data", report.host_data));
    HALLMARK_CHECK(read("id_key_digest", report.id_key_digest));
    HALLMARK_CHECK(read("author_key_digest", report.author_key_digest));
    HALLMARK_CHECK(read("report_id", report.report_id));
    HALLMARK_CHECK(read("report_id_ma", report.report_id_ma));
    HALLMARK_CHECK(read("chip_id", report.chip_id));
    HALLMARK_TRY(const auto signature, Fields::of(fields["signature"], fields.path_of("signature"), {"r", "s"}));
    HALLMARK_CHECK(read_bytes(signature, "r", report.signature.r));
    return read_bytes(signature, "s", report.signature.s);
}

Result<AttestationReport> read_report(const Json& json, const std::string& where) {
    HALLMARK_TRY(const auto fields, Fields::of(json, where,
                                               {"version",
                                                "guest_svn",
                                                "policy",
                                                "family_id",
                                                "image_id",
                                                "vmpl",
                                                "sig_algo",
                                                "current_tcb",
                                                "plat_info",
                                                "key_info",
                                                "report_data",
                                                "measurement",
                                                "host_data",
                                                "id_key_digest",
                                                "author_key_digest",
                                                "report_id",
                                                "report_id_ma",
                                                "reported_tcb",
                                                "cpuid_fam_id",
                                                "cpuid_mod_id",
                                                "cpuid_step",
                                                "chip_id",
                                                "committed_tcb",
                                                "current",
                                                "committed",
                                                "launch_tcb",
                                                "launch_mit_vector",
                                                "current_mit_vector",
                                                "signature"}));
    AttestationReport report;
    HALLMARK_CHECK(read_numbers(fields, report));
    HALLMARK_CHECK(read_byte_fields(fields, report));
    std::optional<TcbLayout> layout;
    HALLMARK_TRY(report.current_tcb, read_tcb(fields, "current_tcb", layout));
    HALLMARK_TRY(report.reported_tcb, read_tcb(fields, "reported_tcb", layout));
    HALLMARK_TRY(report.committed_tcb, read_tcb(fields, "committed_tcb", layout));
    HALLMARK_TRY(report.launch_tcb, read_tcb(fields, "launch_tcb", layout));
    HALLMARK_TRY(report.current_version, read_version(fields, "current"));
    HALLMARK_TRY(report.committed_version, read_version(fields, "committed"));
    return report;
}

Json report_json(const AttestationReport& report, TcbLayout layout) {
    const bool cpuid = report.version >= kFirstWithCpuid;
    const auto told = [cpuid](std::uint8_t value) { return cpuid ? Json(value) : Json(); };
    Json json = {{"version", report.version.get()},
                 {"guest_svn", report.guest_svn.get()},
                 {"policy", report.policy.get()},
                 {"family_id", list_of(report.family_id)},
                 {"image_id", list_of(report.image_id)},
                 {"vmpl", report.vmpl.get()},
                 {"sig_algo", report.signature_algorithm.get()},
                 {"current_tcb", tcb_json(report.current_tcb, layout)},
                 {"plat_info", report.platform_info.get()},
                 {"key_info", report.key_info.get()},
                 {"report_data", list_of(report.report_data)},
                 {"measurement", list_of(report.measurement)},
                 {"host_data", list_of(report.host_data)},
                 {"id_key_digest", list_of(report.id_key_digest)},
                 {"author_key_digest", list_of(report.author_key_digest)},
                 {"report_id", list_of(report.report_id)},
                 {"report_id_ma", list_of(report.report_id_ma)},
                 {"reported_tcb", tcb_json(report.reported_tcb, layout)},
                 {"cpuid_fam_id", told(report.cpuid_family)},
                 {"cpuid_mod_id", told(report.cpuid_model)},
                 {"cpuid_step", told(report.cpuid_stepping)},
                 {"chip_id", list_of(report.chip_id)},
                 {"committed_tcb", tcb_json(report.committed_tcb, layout)},
                 {"current", version_json(report.current_version)},
                 {"committed", version_json(report.committed_version)},
                 {"launch_tcb", tcb_json(report.launch_tcb, layout)}};
    if (report.version >= kFirstWithMitigations) {
        json["launch_mit_vector"] = report.launch_mitigation_vector.get();
        json["current_mit_vector"] = report.current_mitigation_vector.get();
    }
    json["signature"] = {{"r", list_of(report.signature.r)}, {"s", list_of(report.signature.s)}};
    return json;
}

Status read_kind(const Json& json, const std::string& where, EvidenceCertificate& certificate) {
    if (json.is_string()) {
        const auto& name = json.get_ref<const std::string&>();
        const auto* const found = std::ranges::find(kKinds, name, &KindName::name);
        if (found == kKinds.end())
            return bad_input(where + ": expected ARK, ASK, VCEK, VLEK, CRL, Empty or {\"OTHER\":UUID}");
        certificate.kind = found->kind;
        return {};
    }
    HALLMARK_TRY(const auto other, JsonObject::of(json, where));
    HALLMARK_CHECK(other.only({"OTHER"}));
    HALLMARK_TRY(const auto text, other.string("OTHER"));
    const auto guid = parse_guid(text);
    if (!guid) return bad_input(other.path_of("OTHER") + ": " + guid.error().message);
    certificate.kind = CertificateKind::kOther;
    certificate.guid = *guid;
    return {};
}

Result<EvidenceCertificate> read_certificate(const Json& json, const std::string& where) {
    HALLMARK_TRY(const auto fields, Fields::of(json, where, {"cert_type", "data"}));
    EvidenceCertificate certificate;
    HALLMARK_CHECK(read_kind(fields["cert_type"], fields.path_of("cert_type"), certificate));
    const Json& data = fields["data"];
    const auto length = length_of(data);
    if (!length || *length > kLargestCertificate)
        return bad_input(fields.path_of("data") + ": expected a list of at most " +
                         std::to_string(kLargestCertificate) + " numbers");
    certificate.data.resize(*length);
    HALLMARK_CHECK(read_bytes(fields, "data", certificate.data));
    return certificate;
}

Json certificate_json(const EvidenceCertificate& certificate) {
    const auto* const known = std::ranges::find(kKinds, certificate.kind, &KindName::kind);
    Json kind = known != kKinds.end() ? Json(std::string(known->name)) : Json{{"OTHER", certificate.guid.text()}};
    return {{"cert_type", std::move(kind)}, {"data", list_of(certificate.data)}};
}

}  // namespace

Result<Evidence> evidence_of(ByteSpan report, ByteSpan certificate_table) {
    Evidence evidence{.report = Bytes(report.begin(), report.end()), .certificates = {}};
    HALLMARK_TRY(auto table, parse_certificate_table(certificate_table));
    for (auto& entry : table) {
        const auto* const known = std::ranges::find(kKinds, entry.guid, &KindName::guid);
        evidence.certificates.push_back(
            known != kKinds.end()
                ? EvidenceCertificate{.kind = known->kind, .guid = {}, .data = std::move(entry.der)}
                : EvidenceCertificate{
                      .kind = CertificateKind::kOther, .guid = entry.guid, .data = std::move(entry.der)});
    }
    return evidence;
}

Bytes certificate_table_of(const Evidence& evidence) {
    std::vector<TableCertificate> table;
    for (const auto& certificate : evidence.certificates) {
        if (certificate.kind == CertificateKind::kEmpty) continue;
        const auto* const known = std::ranges::find(kKinds, certificate.kind, &KindName::kind);
        table.push_back({.guid = known != kKinds.end() ? known->guid : certificate.guid, .der = certificate.data});
    }
    return table.empty() ? Bytes() : encode_certificate_table(table);
}

Result<Evidence> parse_evidence_json(const Json& json, const std::string& where) {
    HALLMARK_TRY(const auto fields, Fields::of(json, where, {"attestation_report", "cert_chain"}));
    HALLMARK_TRY(const auto report, read_report(fields["attestation_report"], fields.path_of("attestation_report")));
    const ByteSpan bytes = as_bytes(report);
    Evidence evidence{.report = Bytes(bytes.begin(), bytes.end()), .certificates = {}};
    if (fields.is_null("cert_chain")) return evidence;
    const Json& chain = fields["cert_chain"];
    if (!chain.is_array() || chain.size() > kMostCertificates)
        return bad_input(fields.path_of("cert_chain") + ": expected null or a list of at most " +
                         std::to_string(kMostCertificates) + " certificates");
    for (std::size_t i = 0; i < chain.size(); ++i) {
        HALLMARK_TRY(auto certificate,
                     read_certificate(chain[i], fields.path_of("cert_chain") + "[" + std::to_string(i) + "]"));
        evidence.certificates.push_back(std::move(certificate));
    }
    return evidence;
}

Result<Json> evidence_json(const Evidence& evidence) {
    HALLMARK_TRY(const auto report, parse_report(evidence.report));
    HALLMARK_TRY(const auto layout, tcb_layout(report));
    if (evidence.certificates.size() > kMostCertificates)
        return bad_input("SNP evidence: more than " + std::to_string(kMostCertificates) + " certificates");
    Json json = {{"attestation_report", report_json(report, layout)}, {"cert_chain", Json()}};
    HALLMARK_TRY(const auto again, read_report(json["attestation_report"], "SNP evidence"));
    const ByteSpan written = as_bytes(again);
    const auto differs = std::ranges::mismatch(written, evidence.report).in1;
    if (differs != written.end())
        return bad_input("SNP report: offset " + hex_number(static_cast<std::uint64_t>(differs - written.begin())) +
                         ": bits that are reserved and set; evidence in JSON can't carry them");
    // An empty list would say that the endorsement key is in it.
    if (evidence.certificates.empty()) return json;
    Json chain = Json::array();
    for (const auto& certificate : evidence.certificates) {
        if (certificate.data.size() > kLargestCertificate)
            return bad_input("SNP evidence: a certificate of " + std::to_string(certificate.data.size()) +
                             " bytes, expected at most " + std::to_string(kLargestCertificate));
        chain.push_back(certificate_json(certificate));
    }
    json["cert_chain"] = std::move(chain);
    return json;
}

}  // namespace hallmark::snp
