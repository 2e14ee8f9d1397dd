// SPDX-License-Identifier: Apache-2.0
// Real evidence of a Genoa, and evidence with one thing wrong.
#include "common/formats/snp_evidence.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "common/file.hpp"
#include "common/formats/snp_certificates.hpp"
#include "common/formats/snp_report.hpp"
#include "common/hex.hpp"
#include "common/json_bytes.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::snp {
namespace {

/// A report that has a different value in every field that this form carries.
AttestationReport distinct(std::uint32_t version, bool turin) {
    AttestationReport report;
    std::uint8_t next = 1;
    for (auto& byte : as_writable_bytes(report).first(kSignedSize)) byte = next++;
    report.version = version;
    report.cpuid_family = turin ? 0x1a : 0x19;
    report.cpuid_model = 1;
    report.reserved_04c = {};
    report.reserved_18b = {};
    report.reserved_208 = {};
    report.current_version.reserved_3 = report.committed_version.reserved_3 = 0;
    for (auto* tcb : {&report.current_tcb, &report.reported_tcb, &report.committed_tcb, &report.launch_tcb})
        for (std::size_t i = turin ? 4 : 2; i < (turin ? 7U : 6U); ++i) (*tcb)[i] = 0;
    if (version < 5) report.launch_mitigation_vector = report.current_mitigation_vector = 0U;
    if (version < 3) report.cpuid_family = report.cpuid_model = report.cpuid_stepping = 0;
    if (version < 3 && turin) std::fill(report.chip_id.begin() + 8, report.chip_id.end(), std::uint8_t{0});
    report.signature.r[0] = 0xfe;
    report.signature.s[71] = 0xef;
    return report;
}

Evidence with(const AttestationReport& report, std::vector<EvidenceCertificate> certificates = {}) {
    const auto bytes = as_bytes(report);
    return {.report = Bytes(bytes.begin(), bytes.end()), .certificates = std::move(certificates)};
}

/// As a reader has it that knows of no bytes: a list can be changed number by number.
Json with_lists(const Json& json) { return parse_json(text_with_bytes(json), "lists").value(); }

TEST(SnpEvidence, OfARealGenoaIsReadAndWrittenAsItIs) {
    HALLMARK_VECTOR(path, "confidential-containers/snp-evidence.json");
    const Bytes bytes = read_file(path, 1 << 20).value();
    const std::string text(bytes.begin(), bytes.end());
    const auto json = parse_json(text, "vector").value();
    const auto evidence = parse_evidence_json(json);
    ASSERT_TRUE(evidence) << evidence.error().message;
    const auto with_bytes = parse_evidence_json(parse_json_with_bytes(text, "vector").value());
    ASSERT_TRUE(with_bytes) << with_bytes.error().message;
    EXPECT_EQ(with_bytes->report, evidence->report);
    ASSERT_EQ(with_bytes->certificates.size(), evidence->certificates.size());
    for (std::size_t i = 0; i < evidence->certificates.size(); ++i)
        EXPECT_EQ(with_bytes->certificates[i].data, evidence->certificates[i].data);
    const auto report = parse_report(evidence->report);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->version, 3U);
    EXPECT_EQ(report->policy, 0x30000U);
    EXPECT_EQ(report->cpuid_family, 25);
    EXPECT_EQ(report->cpuid_model, 160);
    EXPECT_EQ(to_hex(report->reported_tcb), "0a00000000001719");
    EXPECT_EQ(to_hex(report->measurement).substr(0, 16), "6a6519d757e68c2e");
    EXPECT_EQ(report->current_version.build, 40);
    EXPECT_EQ(report->signature.r[0], 248);
    ASSERT_EQ(evidence->certificates.size(), 1U);
    EXPECT_EQ(evidence->certificates[0].kind, CertificateKind::kVcek);
    EXPECT_EQ(evidence->certificates[0].data.size(), 1347U);
    const auto again = evidence_json(*evidence);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(text_with_bytes(*again), text);
}

TEST(SnpEvidence, CarriesEveryFieldOfEveryVersion) {
    for (const std::uint32_t version : {2U, 3U, 4U, 5U})
        for (const bool turin : {false, true}) {
            const Evidence evidence = with(distinct(version, turin));
            const auto json = evidence_json(evidence);
            ASSERT_TRUE(json) << version << turin << ": " << json.error().message;
            EXPECT_TRUE(json->at("cert_chain").is_null());
            EXPECT_EQ(json->at("attestation_report").contains("launch_mit_vector"), version >= 5);
            EXPECT_EQ(json->at("attestation_report").at("cpuid_fam_id").is_null(), version < 3);
            EXPECT_EQ(json->at("attestation_report").at("reported_tcb").at("fmc").is_null(), !turin);
            EXPECT_EQ(parse_evidence_json(*json).value().report, evidence.report) << version << turin;
        }
}

TEST(SnpEvidence, NamesTheRolesOfCertificates) {
    const Guid other = guid("11112222-3333-4444-5555-666677778888");
    const std::vector<EvidenceCertificate> certificates{
        {CertificateKind::kArk, {}, {1}},       {CertificateKind::kAsk, {}, {2, 3}}, {CertificateKind::kVcek, {}, {4}},
        {CertificateKind::kVlek, {}, {5}},      {CertificateKind::kCrl, {}, {6}},    {CertificateKind::kEmpty, {}, {}},
        {CertificateKind::kOther, other, {255}}};
    const auto json = evidence_json(with(distinct(3, false), certificates)).value();
    EXPECT_EQ(text_with_bytes(json.at("cert_chain")),
              R"([{"cert_type":"ARK","data":[1]},{"cert_type":"ASK","data":[2,3]},{"cert_type":"VCEK","data":[4]},)"
              R"({"cert_type":"VLEK","data":[5]},{"cert_type":"CRL","data":[6]},{"cert_type":"Empty","data":[]},)"
              R"({"cert_type":{"OTHER":"11112222-3333-4444-5555-666677778888"},"data":[255]}])");
    const auto again = parse_evidence_json(json).value();
    ASSERT_EQ(again.certificates.size(), certificates.size());
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        EXPECT_EQ(again.certificates[i].kind, certificates[i].kind);
        EXPECT_EQ(again.certificates[i].guid, certificates[i].guid);
        EXPECT_EQ(again.certificates[i].data, certificates[i].data);
    }
}

TEST(SnpEvidence, IsMadeFromTheTableOfTheHost) {
    const Guid other = guid("11112222-3333-4444-5555-666677778888");
    const std::vector<TableCertificate> table{{kVlekGuid, {1}}, {kCrlGuid, {2}}, {other, {3}}};
    const auto evidence = evidence_of(as_bytes(distinct(3, false)), encode_certificate_table(table));
    ASSERT_TRUE(evidence);
    ASSERT_EQ(evidence->certificates.size(), 3U);
    EXPECT_EQ(evidence->certificates[0].kind, CertificateKind::kVlek);
    EXPECT_EQ(evidence->certificates[1].kind, CertificateKind::kCrl);
    EXPECT_EQ(evidence->certificates[2].kind, CertificateKind::kOther);
    EXPECT_EQ(evidence->certificates[2].guid, other);
    EXPECT_EQ(evidence->certificates[2].data, Bytes{3});
    EXPECT_FALSE(evidence_of(as_bytes(distinct(3, false)), Bytes{1}));
}

TEST(SnpEvidence, WithBitsThatItCantCarryIsNotWritten) {
    const auto expect_error = [](const AttestationReport& report, std::string_view where) {
        const auto json = evidence_json(with(report));
        ASSERT_FALSE(json) << where;
        EXPECT_NE(json.error().message.find(where), std::string::npos) << json.error().message;
    };
    auto report = distinct(3, false);
    report.reserved_04c[0] = 1;
    expect_error(report, "offset 0x4c");
    report = distinct(3, false);
    report.reported_tcb[3] = 1;
    expect_error(report, "offset 0x183");
    report = distinct(2, false);
    report.cpuid_model = 1;
    expect_error(report, "offset 0x189");
    report = distinct(4, false);
    report.launch_mitigation_vector = 1U;
    expect_error(report, "offset 0x1f8");
    report = distinct(5, true);
    report.signature.reserved_090[367] = 1;
    expect_error(report, "offset 0x49f");
    expect_error(distinct(6, true), "version 6");
    report = distinct(3, true);
    report.cpuid_model = 0x50;
    expect_error(report, "expected a Milan, Genoa or Turin");
}

TEST(SnpEvidence, WithAFieldWrongIsRefusedByItsName) {
    const Json good = with_lists(evidence_json(with(distinct(3, true), {{CertificateKind::kVcek, {}, {1}}})).value());
    const auto expect_error = [&](const std::function<void(Json&, Json&)>& change, std::string_view where) {
        Json json = good;
        change(json, json["attestation_report"]);
        const auto evidence = parse_evidence_json(json);
        ASSERT_FALSE(evidence) << where;
        EXPECT_EQ(evidence.error().fault, Fault::kBadInput);
        EXPECT_NE(evidence.error().message.find(where), std::string::npos) << evidence.error().message;
        const auto from_text = parse_evidence_json(parse_json_with_bytes(json.dump(), "text").value());
        ASSERT_FALSE(from_text) << where;
        EXPECT_EQ(from_text.error().message, evidence.error().message);
    };
    for (const auto& [key, value] : good["attestation_report"].items()) {
        const std::string name = key;
        expect_error([&](auto&, Json& report) { report.erase(name); }, "attestation_report." + name);
        expect_error([&](auto&, Json& report) { report[name] = "x"; }, "attestation_report." + name);
        expect_error([&](auto&, Json& report) { report[name] = -1; }, "attestation_report." + name);
        if (!value.is_array()) continue;
        expect_error([&](auto&, Json& report) { report[name].push_back(0); }, "attestation_report." + name);
        expect_error([&](auto&, Json& report) { report[name][3] = 256U; }, "attestation_report." + name + "[3]");
        expect_error([&](auto&, Json& report) { report[name][0] = 1.0; }, "attestation_report." + name + "[0]");
    }
    expect_error([](auto&, Json& report) { report["new"] = 1U; }, "unknown key");
    expect_error([](auto&, Json& report) { report["version"] = 4294967296U; }, "version: 4294967296");
    expect_error([](auto&, Json& report) { report["launch_tcb"]["fmc"] = nullptr; }, "launch_tcb.fmc");
    expect_error([](auto&, Json& report) { report["launch_tcb"]["snp"] = 256U; }, "launch_tcb.snp");
    expect_error([](auto&, Json& report) { report["current"].erase("build"); }, "current.build");
    expect_error([](auto&, Json& report) { report["signature"]["r"].erase(0); }, "signature.r");
    expect_error([](auto&, Json& report) { report["launch_mit_vector"] = 1U; }, "launch_mit_vector: expected null");
    expect_error([](auto&, Json& report) { report["cpuid_step"] = nullptr; }, "cpuid_step");
    expect_error([](auto&, Json& report) { report["version"] = 2U; }, "cpuid_fam_id: expected null");
    expect_error([](Json& json, auto&) { json["cert_chain"] = "x"; }, "cert_chain");
    expect_error([](Json& json, auto&) { json["cert_chain"] = Json(17, json["cert_chain"][0]); }, "cert_chain");
    expect_error([](Json& json, auto&) { json["cert_chain"][0]["cert_type"] = "vcek"; }, "cert_chain[0].cert_type");
    expect_error([](Json& json, auto&) { json["cert_chain"][0]["cert_type"] = {{"OTHER", "x"}}; }, "OTHER");
    expect_error([](Json& json, auto&) { json["cert_chain"][0]["data"] = Json(65537, 0); }, "cert_chain[0].data");
    expect_error([](Json& json, auto&) { json["cert_chain"][0]["data"] = {-1}; }, "cert_chain[0].data[0]");
    expect_error([](Json& json, auto&) { json.erase("attestation_report"); }, "attestation_report");
    expect_error([](Json& json, auto&) { json = Json::array(); }, "expected an object");
}

TEST(SnpEvidence, OptionalKeysMayBeNullOrMissing) {
    const auto two = with(distinct(2, false));
    Json json = evidence_json(two).value();
    json.erase("cert_chain");
    Json& report = json["attestation_report"];
    report["launch_mit_vector"] = nullptr;
    report["current_mit_vector"] = nullptr;
    for (const char* key : {"cpuid_fam_id", "cpuid_mod_id", "cpuid_step"}) report.erase(key);
    for (const char* tcb : {"current_tcb", "reported_tcb", "committed_tcb", "launch_tcb"}) report[tcb].erase("fmc");
    const auto evidence = parse_evidence_json(json);
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_EQ(evidence->report, two.report);
}

}  // namespace
}  // namespace hallmark::snp
