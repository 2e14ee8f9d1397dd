// SPDX-License-Identifier: Apache-2.0
#include "agent/events/logged_events.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "agent/evidence/platform.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/event_replay.hpp"
#include "common/formats/runtime_event.hpp"
#include "common/hex.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/agent/events/fake_registers.hpp"

namespace hallmark::events {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kRtmr3 = 4;
const guest::RuntimeEvent kPulled{
    "github.com/confidential-containers",
    "PullImage",
    "{\"digest\":\"sha256:50aa4698fa6262977cff89181b2664b99d8a56dbca847bf62f2ef04854597cf8\","
    "\"image\":\"docker.io/library/busybox:latest\"}",
    {}};
guest::RuntimeEvent at(std::uint64_t pcr) {
    guest::RuntimeEvent event = kPulled;
    event.register_index = pcr;
    return event;
}
// INIT with zeros, then kPulled; by Python's hashlib.
constexpr const char* kAfterPulled =
    "a04c3129b5ef4e41b9499dadcbf21cac0286d5abed6c2026e6f03cf36a795f8dcaf24364fc295b177a614d3e0d50ca08";

class RuntimeEventLog : public testing::Test {
protected:
    Result<std::unique_ptr<LoggedEvents>> open(const fs::path& folder) {
        return LoggedEvents::open({.folder = folder.string()}, std::make_unique<test::FakeRegisters>(registers_));
    }
    std::unique_ptr<LoggedEvents> opened() { return open(folder_.path()).value(); }
    static Bytes entries_of(LoggedEvents& events) {
        Bytes copy;
        EXPECT_TRUE(events
                        .with_entries([&](ByteSpan entries) {
                            copy.assign(entries.begin(), entries.end());
                            return Status{};
                        })
                        .has_value());
        return copy;
    }
    static Bytes file(const fs::path& path) {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    static void write(const fs::path& path, const Bytes& bytes) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    /// What a verifier does: the log alone must lead to what the register holds.
    void expect_in_step(LoggedEvents& events) {
        const auto whole = guest::compose_event_log({}, entries_of(events)).value();
        ASSERT_TRUE(whole.has_value());
        const auto log = event_log::parse_event_log(*whole, "log");
        ASSERT_TRUE(log.has_value()) << log.error().message;
        const auto replayed = event_log::replay(*log, event_log::Algorithm::kSha384, "log");
        ASSERT_TRUE(replayed.has_value());
        EXPECT_TRUE(equal(replayed->at(kRtmr3), registers_.values[kRtmr3]));
    }

    test::TemporaryFolder folder_;
    test::RegisterFile registers_;
};

TEST_F(RuntimeEventLog, EveryEventIsInRegisterAndLog) {
    const auto events = opened();
    EXPECT_EQ(events->extend(kPulled).value(), guest::Extended::kOk);
    EXPECT_EQ(to_hex(registers_.values[kRtmr3]), kAfterPulled);
    expect_in_step(*events);
    EXPECT_TRUE(equal(file(folder_.path() / "eventlog"), entries_of(*events)));
    EXPECT_FALSE(fs::exists(folder_.path() / ".wal_event_entry"));
}

TEST_F(RuntimeEventLog, AnotherPcrGoesToItsRegister) {
    const auto events = opened();
    ASSERT_TRUE(events->extend(at(8)).has_value());
    EXPECT_EQ(registers_.values[3],
              extended({}, runtime_event::record_of(
                               3, std::string(kPulled.domain) + " PullImage " + std::string(kPulled.content))
                               .digest));
    const auto whole = guest::compose_event_log({}, entries_of(*events)).value().value();
    EXPECT_EQ(event_log::parse_event_log(whole, "log")->events.back().register_index, 3U);
}

TEST_F(RuntimeEventLog, ARestartGoesOnWithTheSameLog) {
    Bytes before;
    {
        const auto events = opened();
        ASSERT_TRUE(events->extend(kPulled).has_value());
        before = entries_of(*events);
    }
    const auto events = opened();
    EXPECT_TRUE(equal(entries_of(*events), before)) << "a second INIT entry";
    ASSERT_TRUE(events->extend({"d", "o", "second", {}}).has_value());
    expect_in_step(*events);
}

/// Killed at each point between the first byte on the disk and the last: log and register agree after the restart, and
/// the event is there once.
TEST_F(RuntimeEventLog, KilledAnywhereTheyAgreeAfterwards) {
    test::TemporaryFolder at_extension;
    {
        const auto events = opened();
        registers_.before_extending = [&] {
            for (const auto& entry : fs::directory_iterator(folder_.path()))
                fs::copy_file(entry.path(), at_extension.path() / entry.path().filename(),
                              fs::copy_options::overwrite_existing);
        };
        ASSERT_TRUE(events->extend(kPulled).has_value());
        registers_.before_extending = {};
    }
    const Sha384 after = registers_.values[kRtmr3];
    const Bytes pending = file(at_extension.path() / ".wal_event_entry");
    const Bytes shorter = file(at_extension.path() / "eventlog");
    const Bytes whole = file(folder_.path() / "eventlog");
    ASSERT_GT(pending.size(), sizeof(PendingHeader));
    ASSERT_LT(shorter.size(), whole.size());
    PendingHeader header;
    std::memcpy(&header, pending.data(), sizeof header);

    const auto restart = [&](const Sha384& value, const Bytes& log, const char* where) {
        test::TemporaryFolder folder;
        write(folder.path() / ".wal_event_entry", pending);
        write(folder.path() / "eventlog", log);
        registers_.values[kRtmr3] = value;
        const auto events = open(folder.path());
        ASSERT_TRUE(events.has_value()) << where << ": " << events.error().message;
        EXPECT_EQ(registers_.values[kRtmr3], after) << where;
        EXPECT_TRUE(equal(file(folder.path() / "eventlog"), whole)) << where;
        EXPECT_FALSE(fs::exists(folder.path() / ".wal_event_entry")) << where;
        expect_in_step(**events);
    };
    restart(header.before, shorter, "before the register");
    restart(after, shorter, "after the register");
    for (const std::size_t written :
         {std::size_t{1}, (whole.size() - shorter.size()) / 2, whole.size() - shorter.size() - 1})
        restart(after, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(shorter.size() + written)),
                "within the record");
    restart(after, whole, "before the journal is empty");
}

TEST_F(RuntimeEventLog, ARegisterThatSomethingElseExtendsIsAnError) {
    {
        const auto events = opened();
        ASSERT_TRUE(events->extend(kPulled).has_value());
    }
    registers_.values[kRtmr3][0] ^= 1;
    const auto events = open(folder_.path());
    ASSERT_FALSE(events.has_value());
    EXPECT_NE(events.error().message.find("replays to"), std::string::npos) << events.error().message;
}

TEST_F(RuntimeEventLog, ARegisterThatRefusesLeavesNothingBehind) {
    const auto events = opened();
    const Bytes before = entries_of(*events);
    registers_.refuses = true;
    EXPECT_FALSE(events->extend(kPulled).has_value());
    registers_.refuses = false;
    EXPECT_TRUE(equal(entries_of(*events), before));
    EXPECT_FALSE(fs::exists(folder_.path() / ".wal_event_entry"));
    ASSERT_TRUE(events->extend(kPulled).has_value());
    EXPECT_EQ(to_hex(registers_.values[kRtmr3]), kAfterPulled);
}

TEST_F(RuntimeEventLog, ManyAtOnceKeepInStep) {
    const auto events = opened();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            for (int j = 0; j < 10; ++j) {
                const std::string content = std::to_string(i * 10 + j);
                EXPECT_TRUE(events->extend({"d", "o", content, {}}).has_value());
            }
        });
    for (auto& thread : threads) thread.join();
    expect_in_step(*events);
    const auto whole = guest::compose_event_log({}, entries_of(*events)).value().value();
    EXPECT_EQ(event_log::parse_event_log(whole, "log")->events.size(), 81U);
}

TEST_F(RuntimeEventLog, WithoutRegistersReportDataVouchesWhenAsked) {
    const auto events =
        LoggedEvents::open({.folder = folder_.path().string(), .bind_report_data = true}, nullptr).value();
    EXPECT_TRUE(events->binds_report_data());
    EXPECT_EQ(events->extend(kPulled).value(), guest::Extended::kOk);
    const auto tdx = LoggedEvents::open({.folder = (folder_.path() / "tdx").string(), .bind_report_data = true},
                                        std::make_unique<test::FakeRegisters>(registers_));
    EXPECT_FALSE((*tdx)->binds_report_data());
}

TEST_F(RuntimeEventLog, WithoutRegistersThereIsALog) {
    const auto events = LoggedEvents::open({.folder = folder_.path().string()}, nullptr).value();
    EXPECT_EQ(events->extend(kPulled).value(), guest::Extended::kNotSupported);
    const auto again = LoggedEvents::open({.folder = folder_.path().string()}, nullptr);
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_TRUE(equal(entries_of(**again), entries_of(*events)));
}

// By Python's hashlib.
TEST(RuntimeEventLogDigest, IsBoundIntoReportData) {
    std::array<std::uint8_t, 64> report_data{};
    report_data.fill(0xa5);
    EXPECT_EQ(to_hex(bind_entries(report_data, as_bytes("records"))),
              "1b943b9fea651ac28869a23fd162ff114835693ac9caabca3700c0008826732ee37519023bffcc18df42036ca078650d3085caad"
              "699432fc222fab815166874a");
}

}  // namespace
}  // namespace hallmark::events
