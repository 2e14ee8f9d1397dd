// SPDX-License-Identifier: Apache-2.0
#include "boot/tpm/log_in_memory.hpp"

#include <gtest/gtest.h>

#include "common/formats/event_log.hpp"
#include "tests/unit/boot/guest_log_sample.hpp"

namespace hallmark::boot::tpm {
namespace {

using test::FakeMemory;

Result<LogInMemory> found_in(const Bytes& ram) {
    const FakeMemory fake(ram);
    return find_log(*fake.memory);
}

void expect_refused(const Bytes& ram, std::string_view why) {
    const auto found = found_in(ram);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().fault, Fault::kNo);
    EXPECT_NE(found.error().message.find(why), std::string::npos) << found.error().message;
}

TEST(LogInMemory, IsTheCopyAndTheFinalEventsThatItLacks) {
    const auto found = found_in(test::guest_with_log());
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->address, test::kCopy + 9);
    Bytes expected = hallmark::test::event_log_sample();
    append(expected, test::final_record(0x11));
    append(expected, test::final_record(0x22));
    EXPECT_EQ(found->bytes, expected);
    EXPECT_EQ(event_log::parse_event_log(found->bytes, "log").value().events.size(), 4U);
}

TEST(LogInMemory, AnEntryThatWasLeftBehindAndOneThatPointsNowhereChangeNothing) {
    Bytes ram = test::guest_with_log();
    test::put_entry(ram, test::kSpareEntry, test::kLogCopyName, test::kCopy);
    test::put_entry(ram, test::kSpareEntry + 24, test::kLogCopyName, 0xffffffff81000000);
    test::put_entry(ram, test::kSpareEntry + 48, test::kLogCopyName, 0);  // no log there
    EXPECT_TRUE(found_in(ram));
}

TEST(LogInMemory, NoneOrTwoAreRefused) {
    expect_refused(Bytes(test::kRamSize), "0 event logs");
    Bytes ram = test::guest_with_log();
    test::put(ram, 0x3000, ByteSpan(ram).subspan(test::kCopy, 0x400));
    test::put_entry(ram, test::kSpareEntry, test::kLogCopyName, 0x3000);
    expect_refused(ram, "2 event logs");
}

TEST(LogInMemory, WithoutItsLastEventsItIsRefused) {
    Bytes ram = test::guest_with_log();
    ram[test::kTable + 24] ^= 1;  // no entry of that name
    expect_refused(ram, "0 tables of final events");
    ram = test::guest_with_log();
    ram[test::kFinal + 8] = 3;  // more events than there are
    expect_refused(ram, "0 tables of final events");
    ram = test::guest_with_log();
    ram[test::kFinal + 8] = 0;
    expect_refused(ram, "0 tables of final events");
    ram = test::guest_with_log();
    ram[test::kCopy + 5] = 0x10;  // more copied than there is
    expect_refused(ram, "final events copied");
}

TEST(LogInMemory, AnotherFormOrSizeIsNone) {
    Bytes ram = test::guest_with_log();
    ram[test::kCopy + 8] = 1;
    expect_refused(ram, "0 event logs");
    ram = test::guest_with_log();
    test::put(ram, test::kCopy, as_bytes(Le32(0x7fffffffU)));
    expect_refused(ram, "0 event logs");
    ram = test::guest_with_log();
    test::put(ram, test::kCopy, as_bytes(Le32(200U)));  // in the middle of a record
    expect_refused(ram, "event log in guest memory");
}

}  // namespace
}  // namespace hallmark::boot::tpm
