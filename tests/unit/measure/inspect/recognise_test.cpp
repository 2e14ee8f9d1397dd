// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"
#include "measure/inspect/format.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_firmware.hpp"
#include "tests/support/synthetic_igvm.hpp"
#include "tests/support/synthetic_init_data.hpp"
#include "tests/support/synthetic_manifest.hpp"

namespace hallmark::inspect {
namespace {

template <class T>
Bytes bytes_of(const T& structure) {
    const auto bytes = as_bytes(structure);
    return {bytes.begin(), bytes.end()};
}

Bytes quote() {
    tdx::Quote quote;
    quote.header.version = std::uint16_t{5};
    quote.header.attestation_key_type = tdx::kEcdsaP256Sha256;
    quote.header.tee_type = std::uint32_t{tdx::kTeeTypeTdx};
    quote.body_type = tdx::BodyType::kTd15;
    quote.body.mr_td[0] = 7;
    return tdx::encode_quote(quote);
}

snp::AttestationReport report() {
    snp::AttestationReport report;
    report.version = 3U;
    report.policy = 0xb0000U;
    report.cpuid_family = 0x1a;
    report.reported_tcb = {1, 2, 3, 4, 0, 0, 0, 5};
    return report;
}

/// What a file is taken for, and what is shown of it.
Json show(ByteSpan bytes) {
    const auto format = recognise(bytes, "f");
    EXPECT_TRUE(format) << format.error().message;
    if (!format) return {};
    const auto json = (*format)->describe(bytes, "f");
    EXPECT_TRUE(json) << json.error().message;
    Json named = {{"format", (*format)->name}};
    if (json) named.update(*json);
    return named;
}

TEST(Recognise, AnSnpReportAsBytesAndAsText) {
    const auto bytes = bytes_of(report());
    const auto json = show(bytes);
    EXPECT_EQ(json["format"], "snp-report");
    EXPECT_EQ(json["policy"]["debug_allowed"], true);
    EXPECT_EQ(json["reported_tcb"]["fmc"], 1);
    EXPECT_EQ(json["reported_tcb"]["microcode"], 5);
    auto text = to_hex(bytes);
    for (std::size_t at = 64; at < text.size(); at += 65) text.insert(at, "\n");
    EXPECT_EQ(show(as_bytes(text)), json);
    text[0] = 'x';
    EXPECT_FALSE(recognise(as_bytes(text), "f"));
}

TEST(Recognise, EvidenceOfTdx) {
    const auto json = show(quote());
    EXPECT_EQ(json["format"], "tdx-quote");
    EXPECT_EQ(json["body_type"], "TDX 1.5");
    EXPECT_EQ(json["body"]["mr_td"], "07" + std::string(94, '0'));
    tdx::TdReport td_report;
    td_report.td_info.rtmr[2][47] = 9;
    const auto shown = show(bytes_of(td_report));
    EXPECT_EQ(shown["format"], "td-report");
    EXPECT_EQ(shown["rtmr2"], std::string(94, '0') + "09");
    EXPECT_EQ(shown["tee_info_hash_fits"], false);
    td_report.mac.tee_info_hash = sha384(as_bytes(td_report.td_info));
    EXPECT_EQ(show(bytes_of(td_report))["tee_info_hash_fits"], true);
}

TEST(Recognise, FirmwareShowsWhatItCan) {
    auto image = test::firmware();
    auto json = show(image);
    EXPECT_EQ(json["format"], "ovmf");
    EXPECT_EQ(json["guid_table"][0]["name"], "SEV-ES reset block");
    EXPECT_EQ(json["sev_sections"].size(), 7U);
    EXPECT_EQ(json["sev_sections"][6]["type"], "kernel hashes");
    test::put(image, test::kMetadata, as_bytes(std::string_view("ASEX")));
    json = show(image);
    EXPECT_NE(json["sev_sections"]["error"].get<std::string>().find("ASEV"), std::string::npos);
    EXPECT_EQ(json["guid_table"].size(), 3U);
}

TEST(Recognise, AnIgvmFileShowsRunsOfPages) {
    test::IgvmWriter writer;
    writer.platform(2, igvm::PlatformType::kSevSnp);
    for (std::uint64_t page = 0; page < 5; ++page) writer.page(0x10000 + page * 4096, 2);
    writer.page(0x20000, 2).page(0x21000, 2, igvm::kPageIsUnmeasured);
    writer.add(igvm::HeaderType::kParameterArea, igvm::ParameterArea{4096U, 3U, {}});
    const auto json = show(writer.bytes());
    EXPECT_EQ(json["format"], "igvm");
    EXPECT_EQ(json["platforms"][0]["type"], "SEV-SNP");
    ASSERT_EQ(json["headers"].size(), 4U);
    EXPECT_EQ(json["headers"][0]["gpa"], "0x10000");
    EXPECT_EQ(json["headers"][0]["size"], "0x5000");
    EXPECT_EQ(json["headers"][2]["type"], "normal, unmeasured, zeros");
    EXPECT_EQ(json["headers"][3]["area"], 3);
}

TEST(Recognise, InitDataAndItsDisk) {
    const auto json = show(as_bytes(test::kInitData));
    EXPECT_EQ(json["format"], "init-data");
    const std::string digest =
        "a413e223f56b56436fd4961a9d5eafe7abe702989d3ae05b1ed3dab238c34254983802c7f1d78b5de136172115e44d64";
    EXPECT_EQ(json["digest"], digest);
    EXPECT_EQ(json["host_data"], digest.substr(0, 64));
    EXPECT_EQ(json["mr_config_id"], digest);
    EXPECT_EQ(json["data"]["policy.rego"], "package agent_policy\n");
    const auto disk = show(test::init_data_disk(from_hex(test::kSomeContentGzip).value()));
    EXPECT_EQ(disk["format"], "init-data-disk");
    EXPECT_EQ(disk["size"], 12);
    EXPECT_NE(disk["error"].get<std::string>().find("line 1"), std::string::npos);
}

TEST(Recognise, AManifest) {
    const auto text = to_text(test::manifest());
    const auto json = show(as_bytes(text));
    EXPECT_EQ(json["format"], "manifest");
    EXPECT_EQ(json["schema"], "hallmark/manifest/v1");
}

TEST(Recognise, ZerosAreNothing) {
    for (const std::size_t size : {1U, 4U, 1024U, 1184U, 4096U}) EXPECT_FALSE(recognise(Bytes(size), "f")) << size;
}

}  // namespace
}  // namespace hallmark::inspect
