// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/platform.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "common/base64.hpp"
#include "common/file.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/event_log_writer.hpp"
#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_quote.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::guest {
namespace {

using test::expect_error;

/// Answers with what it was given, over whatever report data.
class FakeAttester final : public Attester {
public:
    explicit FakeAttester(guest_port::Evidence evidence) : evidence_(std::move(evidence)) {}
    [[nodiscard]] std::string name() const override { return "fake"; }
    Result<guest_port::Evidence> attest(const ReportData& data) override {
        if (evidence_.kind == guest_port::Kind::kSnpReport) {
            snp::AttestationReport report = snp::parse_report(evidence_.report).value();
            report.report_data = data;
            const auto bytes = as_bytes(report);
            evidence_.report.assign(bytes.begin(), bytes.end());
        }
        return evidence_;
    }

private:
    guest_port::Evidence evidence_;
};

class FakeEvents final : public RuntimeEvents {
public:
    Result<Extended> extend(const RuntimeEvent&) override { return Extended::kOk; }
    Status with_entries(const std::function<Status(ByteSpan)>& take) override { return take(entries); }
    Bytes entries;
};

guest_port::Evidence snp_evidence() {
    snp::AttestationReport report;
    report.version = 3U;
    report.cpuid_family = 0x19;
    report.cpuid_model = 0x01;
    report.cpuid_stepping = 1;
    report.host_data.fill(0x5a);
    const auto bytes = as_bytes(report);
    return {.source = guest_port::Source::kConfigfsTsm,
            .kind = guest_port::Kind::kSnpReport,
            .report = Bytes(bytes.begin(), bytes.end())};
}

Bytes firmware_log() {
    return event_log::encode_guest_log(std::vector<event_log::Record>{
        {.register_index = 1, .type = event_log::EventType::kSeparator, .digest = {}, .data = {0, 0, 0, 0}}});
}

TEST(PlatformEvidence, OfSnpIsItsReportWithZerosBehindTheData) {
    const auto source = PlatformEvidence::open(std::make_unique<FakeAttester>(snp_evidence()), "/nowhere").value();
    EXPECT_EQ(source->tee(), "snp");
    EXPECT_EQ(source->name(), "fake");
    const auto json = source->evidence(Bytes(48, 0xa5));
    ASSERT_TRUE(json) << json.error().message;
    Bytes expected(64, 0);
    std::fill_n(expected.begin(), 48, std::uint8_t{0xa5});
    EXPECT_EQ((*json)["attestation_report"]["report_data"], Json::binary(expected));
    EXPECT_TRUE((*json)["cert_chain"].is_null());
    expect_error(source->evidence(Bytes(65)), {"65 bytes", "at most 64"});
}

TEST(PlatformEvidence, IsBoundToTheInitDataOfItsLaunch) {
    const auto source = PlatformEvidence::open(std::make_unique<FakeAttester>(snp_evidence()), "/nowhere").value();
    EXPECT_TRUE(source->check_init_data(Bytes(32, 0x5a)));
    EXPECT_TRUE(source->check_init_data(Bytes(48, 0x5a)));  // cut to the size of HOSTDATA
    expect_error(source->check_init_data(Bytes(32, 0x5b)), {"init-data", "5b5b", "5a5a", "HOSTDATA"}, Fault::kNo);
    expect_error(source->check_init_data(Bytes(20, 0x5a)), {"init-data"}, Fault::kNo);
}

TEST(PlatformEvidence, IsNotToBeHadWithoutTheInitDataOfItsLaunch) {
    const Bytes nothing(48, 0);
    auto evidence = snp_evidence();
    const auto bound = PlatformEvidence::open(std::make_unique<FakeAttester>(evidence), "/nowhere").value();
    expect_error(bound->check_init_data(nothing), {"none", "5a5a", "HOSTDATA", "left it away"}, Fault::kNo);
    snp::AttestationReport report = snp::parse_report(evidence.report).value();
    report.host_data = {};
    const auto bytes = as_bytes(report);
    evidence.report.assign(bytes.begin(), bytes.end());
    const auto unbound = PlatformEvidence::open(std::make_unique<FakeAttester>(evidence), "/nowhere").value();
    EXPECT_TRUE(unbound->check_init_data(nothing));
}

TEST(PlatformEvidence, OfTdxHasTheLogsOfFirmwareAndRunTime) {
    HALLMARK_VECTOR(path, "intel-tdx/quote_v4.dat");
    guest_port::Evidence evidence{.source = guest_port::Source::kConfigfsTsm,
                                  .kind = guest_port::Kind::kTdxQuote,
                                  .report = read_file(path, tdx::kLargestQuote).value()};
    const auto quote = tdx::parse_quote(evidence.report).value();
    const Bytes bound(quote.body.mr_config_id.begin(), quote.body.mr_config_id.end());
    const test::TemporaryFolder folder;
    const std::string table = folder.path() / "CCEL";
    Bytes filled = firmware_log();
    filled.resize(4096, 0xff);
    ASSERT_TRUE(write_file(table, filled));
    FakeEvents events;
    events.entries = {1, 2, 3};
    const auto source = PlatformEvidence::open(std::make_unique<FakeAttester>(evidence), table).value();
    source->log(events);
    EXPECT_EQ(source->tee(), "tdx");
    EXPECT_TRUE(source->check_init_data(bound));
    expect_error(source->check_init_data(Bytes(32, 0xee)), {"MRCONFIGID"}, Fault::kNo);
    const auto json = source->evidence({});
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ(from_base64((*json)["quote"].get<std::string>()).value(), evidence.report);
    Bytes expected = firmware_log();
    append(expected, Bytes{1, 2, 3});
    append(expected, Bytes(8, 0xff));
    EXPECT_EQ(from_base64((*json)["cc_eventlog"].get<std::string>()).value(), expected);
}

TEST(PlatformEvidence, OfTdxHasRegistersAndOfSnpNone) {
    const auto snp = PlatformEvidence::open(std::make_unique<FakeAttester>(snp_evidence()), "/nowhere").value();
    EXPECT_EQ(snp->registers(), nullptr);
    HALLMARK_VECTOR(path, "intel-tdx/quote_v4.dat");
    const guest_port::Evidence evidence{.source = guest_port::Source::kSimulated,
                                        .kind = guest_port::Kind::kTdxQuote,
                                        .report = read_file(path, tdx::kLargestQuote).value()};
    const auto tdx = PlatformEvidence::open(std::make_unique<FakeAttester>(evidence), "/nowhere").value();
    const auto registers = tdx->registers();
    ASSERT_NE(registers, nullptr);
    const auto quote = tdx::parse_quote(evidence.report).value();
    for (std::uint32_t index = 1; index <= 4; ++index)
        EXPECT_TRUE(equal(registers->value(index).value(), quote.body.rtmr.at(index - 1))) << index;
    EXPECT_FALSE(registers->value(0));
    EXPECT_FALSE(registers->value(5));
    expect_error(registers->extend(3, {}), {"only RTMR3"}, Fault::kNo);
}

TEST(ComposeEventLog, HasNoneWithoutEventsAndAFirstRecordWithoutFirmware) {
    EXPECT_EQ(compose_event_log({}, {}).value(), std::nullopt);
    const Bytes log =
        compose_event_log({}, ByteSpan(firmware_log()).subspan(event_log::encode_guest_log({}).size())).value().value();
    const auto parsed = event_log::parse_event_log(log, "log");
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->events.size(), 1U);
    expect_error(compose_event_log(Bytes(100, 1), {}), {"CCEL"});
}

}  // namespace
}  // namespace hallmark::guest
