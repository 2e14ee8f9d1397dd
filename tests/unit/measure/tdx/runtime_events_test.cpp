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

// As hallmark-guest's log begins: the entry is extended like any other, tag "LEAA", length 108, text.
TEST(RuntimeEvents, BeginWithTheValueOfTheRegister) {
    const std::string text = "INIT sha384/" + std::string(96, '0');
    EventList list;
    ASSERT_TRUE(add_runtime_events(list, text + "\n", "events"));
    ASSERT_EQ(list.events().size(), 1U);
    const auto entry = std::string("LEAA\x6c\0\0\0", 8) + text;
    const auto digest = sha384(as_bytes(entry));
    EXPECT_EQ(list.events()[0].digest, digest);
    // A second log goes on from there; its entry says where.
    const auto value = to_hex(*replay(list.events(), Register::kRtmr3));
    EXPECT_TRUE(add_runtime_events(list, "INIT sha384/" + value, "events"));
}

TEST(RuntimeEvents, RefuseAnotherValueOfTheRegister) {
    EventList list;
    const std::string zero = "INIT sha384/" + std::string(96, '0');
    for (const std::string& line : {"INIT sha384/" + std::string(96, '1'), "INIT sha384/" + std::string(95, '0'),
                                    std::string("INIT sha384/"), "a b c\n" + zero})
        expect_error(add_runtime_events(list, line, "events"), {"events: line ", "INIT", "expected sha384/"});
    expect_error(add_runtime_events(list, "INIT sha256/" + std::string(64, '0'), "events"), {"INIT sha384/HEX"});
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
