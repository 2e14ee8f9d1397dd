// SPDX-License-Identifier: Apache-2.0
// Which register an event goes to is UEFI 2.10, section 38.4.1, written out here by hand; values of registers are
// SHA-384 as another program computes it.
#include "boot/simulated/tdx/registers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "common/formats/event_log_writer.hpp"
#include "common/formats/runtime_event.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_event_log.hpp"

namespace hallmark::boot {
namespace {

using event_log::EventType;
using tdx::Register;

constexpr std::uint32_t kSeparatorType = 4;
constexpr std::uint32_t kFlags = 0x0a;
constexpr std::uint32_t kAction = 0x80000007;
constexpr std::uint8_t kSeparator = 0x5e;  // the first byte of its digest, as it counts here

/// A log in the making: PCR, type, and the byte that its digest repeats.
class Log {
public:
    Log& add(std::uint32_t pcr, std::uint32_t type, std::uint8_t digest) { return add(pcr, type, Bytes(48, digest)); }
    Log& add(std::uint32_t pcr, std::uint32_t type, const Bytes& digest) {
        hallmark::test::append_event(bytes_, {pcr, type, {{0xb, Bytes(32)}, {0xc, digest}}, "data"});
        return *this;
    }
    /// SHA-384 of 65536 zeros, as head -c 65536 /dev/zero | sha384sum prints it.
    Log& add_tpm_log() {
        return add(1, kFlags,
                   from_hex("69fca46943118a952e4f165e122a47f2b7b5336fa8fa1674"
                            "a26437d183a7e947f15a4a0afabece6d6b28e3c84f60fac2")
                       .value());
    }
    Log& add_separators(std::uint32_t first = 0, std::uint32_t last = 6) {
        for (auto pcr = first; pcr <= last; ++pcr) add(pcr, kSeparatorType, kSeparator);
        return *this;
    }

    [[nodiscard]] Result<std::vector<Extension>> as_tdx(bool in_rtmr1 = true) const {
        HALLMARK_TRY(const auto log, event_log::parse_event_log(bytes_, "log"));
        return boot::as_tdx(log, in_rtmr1);
    }

private:
    Bytes bytes_ = hallmark::test::log_start();
};

/// "rtmr1 41": its register, and the byte that its digest repeats.
std::vector<std::string> shown(const Result<std::vector<Extension>>& extensions) {
    std::vector<std::string> texts;
    if (!extensions) return {extensions.error().message};
    for (const auto& extension : *extensions)
        texts.push_back(std::string(name_of(extension.where)) + " " + to_hex(Bytes{extension.digest[0]}));
    return texts;
}

using Texts = std::vector<std::string>;

TEST(AsTdx, EveryPcrGoesToItsRegisterInTheOrderOfTheLog) {
    Log log;
    log.add(0, 8, 0x00).add(7, 0x80000001, 0x70).add(7, kSeparatorType, 0x71).add_tpm_log().add(1, kFlags, 0x10);
    for (const std::uint8_t pcr : Bytes{2, 3, 4, 5, 6}) log.add(pcr, kAction, pcr);
    log.add_separators();
    for (const std::uint8_t pcr : Bytes{8, 9, 10, 11, 12, 13, 14, 15}) log.add(pcr, 6, pcr);
    log.add(5, kAction, 0x55);
    EXPECT_EQ(shown(log.as_tdx()), (Texts{"rtmr0 70", "rtmr0 71", "rtmr0 10", "rtmr1 02", "rtmr1 03", "rtmr1 04",
                                          "rtmr1 05", "rtmr1 06", "rtmr1 5e", "rtmr2 08", "rtmr2 09", "rtmr2 0a",
                                          "rtmr2 0b", "rtmr2 0c", "rtmr2 0d", "rtmr2 0e", "rtmr2 0f", "rtmr1 55"}));
}

TEST(AsTdx, OlderFirmwareSeparatesInRtmr0) {
    Log log;
    log.add_tpm_log().add_separators();
    EXPECT_EQ(shown(log.as_tdx(false)), Texts{"rtmr0 5e"});
    EXPECT_EQ(shown(log.as_tdx(true)), Texts{"rtmr1 5e"});
}

TEST(AsTdx, WhatIsNotExtendedIsLeftOut) {
    Log log;
    log.add_tpm_log().add_separators().add(4, 3, 0x99);
    EXPECT_EQ(shown(log.as_tdx()), Texts{"rtmr1 5e"});
}

void expect_refused(const Log& log, std::string_view why) {
    const auto extensions = log.as_tdx();
    ASSERT_FALSE(extensions);
    EXPECT_EQ(extensions.error().fault, Fault::kNo);
    EXPECT_NE(extensions.error().message.find(why), std::string::npos) << extensions.error().message;
}

TEST(AsTdx, SeparatorsOtherThanOneInEachAreRefused) {
    expect_refused(Log().add_tpm_log(), "separators");
    expect_refused(Log().add_tpm_log().add_separators(0, 5), "separators");
    expect_refused(Log().add_tpm_log().add_separators(1, 6), "separators");
    expect_refused(Log().add_tpm_log().add_separators().add(3, kSeparatorType, kSeparator), "separators");
    // An error that the firmware has measured in one register.
    expect_refused(Log().add_tpm_log().add_separators(0, 5).add(6, kSeparatorType, 0x66), "separators");
}

TEST(AsTdx, TheFileOfTheTpmsLogIsThereOnce) {
    expect_refused(Log().add_separators(), "etc/tpm/log");
    expect_refused(Log().add_separators().add_tpm_log().add_tpm_log(), "etc/tpm/log");
}

TEST(AsTdx, RegistersThatTdxDoesNotHaveAreRefused) {
    expect_refused(Log().add_tpm_log().add_separators().add(16, kAction, 1), "PCR 16");
    expect_refused(Log().add_tpm_log().add_separators().add(0xffff, kAction, 1), "PCR 65535");
}

TEST(AsTdx, NeedsADigestOfSha384) {
    Bytes bytes = hallmark::test::log_start();
    hallmark::test::append_event(bytes, {4, kAction, {{0xb, Bytes(32)}}, "data"});
    const auto log = event_log::parse_event_log(bytes, "log");
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_FALSE(as_tdx(*log, true));
    bytes = hallmark::test::log_start({{0xb, 32}});
    EXPECT_FALSE(as_tdx(event_log::parse_event_log(bytes, "log").value(), true));
}

event_log::Record firmware_record() { return {.register_index = 1, .type = EventType::kAction, .digest = {}}; }

TEST(RuntimeExtensions, AreTheEntriesOfTheAgentInRtmr3) {
    const auto first = runtime_event::record_of(4, "INIT sha384/00");
    const auto second = runtime_event::record_of(4, "a b c");
    Bytes log = event_log::encode_guest_log(std::array{firmware_record(), first, second});
    log.resize(log.size() + 8, 0xff);
    const auto extensions = runtime_extensions(log);
    ASSERT_TRUE(extensions) << extensions.error().message;
    ASSERT_EQ(extensions->size(), 2U);
    EXPECT_EQ(extensions->at(0).where, Register::kRtmr3);
    EXPECT_EQ(extensions->at(0).data, first.data);
    EXPECT_EQ(extensions->at(1).digest, second.digest);
    EXPECT_TRUE(runtime_extensions(event_log::encode_guest_log(std::array{firmware_record()})).value().empty());
}

TEST(RuntimeExtensions, NothingElseMayBeInRtmr3) {
    const auto expect_refused = [](const event_log::Record& record, const char* cause) {
        hallmark::test::expect_error(
            runtime_extensions(event_log::encode_guest_log(std::array{firmware_record(), record})), {cause},
            Fault::kNo);
    };
    auto record = runtime_event::record_of(4, "a b c");
    record.digest[0] ^= 1;
    expect_refused(record, "not that of its data");
    record = runtime_event::record_of(4, "a b c");
    record.type = EventType::kAction;
    expect_refused(record, "EV_ACTION in RTMR3");
    record = runtime_event::record_of(4, "a b c");
    record.data[0] ^= 1;
    record.digest = sha384(record.data);
    expect_refused(record, "tag 0x4141454d");
    expect_refused({.register_index = 4, .type = EventType::kEventTag, .digest = {}}, "runtime event");
    EXPECT_FALSE(runtime_extensions(Bytes(100, 1)));
}

TEST(Replay, ExtendsEachRegisterFromZero) {
    Sha384 one{};
    one.fill(0x01);
    const auto values = replay({{Register::kRtmr1, EventType::kAction, one},
                                {Register::kRtmr2, EventType::kAction, one},
                                {Register::kRtmr1, EventType::kAction, one}});
    EXPECT_EQ(values[0], Sha384{});
    EXPECT_EQ(to_hex(values[1]),
              "971219f71d88dba4f9de7332d10df9ecba8c2b40873be646"
              "a3b4e838e0781dbd5ffe024d973662ce0224ed54bba531ad");
    EXPECT_EQ(to_hex(values[2]),
              "b2cdfa15c3fdc5772b099d6e1a5acb8a2eb8b94adb63393a"
              "7ae3068c8b4bd8cdad83d6eb649d8178d0fe7a8135d0a003");
    EXPECT_EQ(values[3], Sha384{});
}

}  // namespace
}  // namespace hallmark::boot
