// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/event.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;
using event_log::EventType;

TEST(EventList, ExtendsFromZero) {
    EventList list;
    list.add_data(Register::kRtmr1, EventType::kSeparator, "separator", "four zeros", Bytes(4));
    // Computed by sha384sum of 48 zeros and the digest of four zeros.
    const auto value = replay(list.events(), Register::kRtmr1);
    ASSERT_TRUE(value);
    Bytes both(48);
    append(both, sha384(Bytes(4)));
    EXPECT_EQ(*value, sha384(both));
    EXPECT_EQ(replay(list.events(), Register::kRtmr0), Sha384{});
}

TEST(EventList, HasNoValueBehindAnUnknownEvent) {
    EventList list;
    list.add_unknown(Register::kRtmr0, EventType::kEfiHandoffTables, "smbios", "tables", "who knows");
    list.add_data(Register::kRtmr0, EventType::kSeparator, "separator", "four zeros", Bytes(4));
    Trace trace;
    EXPECT_EQ(replay(list.events(), Register::kRtmr0, &trace), std::nullopt);
    ASSERT_EQ(trace.size(), 1U);
    EXPECT_EQ(trace[0].inputs, "not predicted: who knows");
}

TEST(EventList, TakesWhatIsKnown) {
    const Sha384 known = sha384(as_bytes("seen"));
    EventList list({{"smbios", known}, {"separator", known}});
    list.add_unknown(Register::kRtmr0, EventType::kEfiHandoffTables, "smbios", "tables", "who knows");
    list.add_data(Register::kRtmr0, EventType::kSeparator, "separator", "four zeros", Bytes(4));
    EXPECT_TRUE(list.all_known_used());
    EXPECT_EQ(list.events()[0].digest, known);
    EXPECT_EQ(list.events()[0].reason, "given");
    EXPECT_NE(list.events()[1].reason.find("394341b7182c"), std::string::npos) << "what it would have been is said";
    EXPECT_TRUE(replay(list.events(), Register::kRtmr0));
    EventList other({{"smbiso", known}});
    other.add_data(Register::kRtmr0, EventType::kSeparator, "separator", "four zeros", Bytes(4));
    expect_error(other.all_known_used(), {"smbiso", "one of separator"});
}

TEST(EventList, TracesTheRunningValue) {
    EventList list;
    list.add_data(Register::kRtmr2, EventType::kSeparator, "first", "one", as_bytes("1"));
    list.add_data(Register::kRtmr2, EventType::kSeparator, "second", "two", as_bytes("2"));
    Trace trace;
    const auto value = replay(list.events(), Register::kRtmr2, &trace);
    ASSERT_EQ(trace.size(), 2U);
    EXPECT_EQ(trace[1].what, "rtmr2: second");
    EXPECT_NE(trace[1].inputs.find(to_hex(sha384(as_bytes("2")))), std::string::npos);
    EXPECT_EQ(trace[1].value, to_hex(*value));
}

}  // namespace
}  // namespace hallmark::tdx
