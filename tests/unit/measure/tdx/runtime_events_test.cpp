// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/runtime_events.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;

TEST(RuntimeEvents, AreDigestsOrEntries) {
    const std::string digest(96, 'a');
    EventList list;
    ASSERT_TRUE(add_runtime_events(list, digest + "\n\na.example b c d\n", "events"));
    ASSERT_EQ(list.events().size(), 2U);
    EXPECT_EQ(to_hex(*list.events()[0].digest), digest);
    EXPECT_EQ(list.events()[0].where, Register::kRtmr3);
    EXPECT_EQ(list.events()[1].name, "runtime_3");
    // As the attestation agent's log has it: tag "LEAA", length 15, text.
    EXPECT_EQ(list.events()[1].digest, sha384(as_bytes(std::string_view("LEAA\x0f\0\0\0a.example b c d", 23))));
    EventList none;
    EXPECT_TRUE(add_runtime_events(none, "", "events"));
    EXPECT_EQ(replay(none.events(), Register::kRtmr3), Sha384{});
}

TEST(RuntimeEvents, RefuseOtherLines) {
    EventList list;
    for (const std::string line : {"word", "two words", " a b", "a  b", "a b ", "\x01"})
        expect_error(add_runtime_events(list, "x y z\n" + line, "events"),
                     {"events: line 2", "DOMAIN OPERATION CONTENT"});
    expect_error(add_runtime_events(list, std::string(95, 'a'), "events"), {"line 1", "96"});
}

}  // namespace
}  // namespace hallmark::tdx
