// SPDX-License-Identifier: Apache-2.0
#include "agent/events/written_events.hpp"

#include <gtest/gtest.h>

#include "agent/events/logged_events.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::events {
namespace {

Bytes entries_of(guest::RuntimeEvents& events) {
    Bytes entries;
    EXPECT_TRUE(events.with_entries([&](ByteSpan found) -> Status {
        entries.assign(found.begin(), found.end());
        return {};
    }));
    return entries;
}

TEST(WrittenEvents, AreThoseOfTheAgentThatRuns) {
    const hallmark::test::TemporaryFolder folder;
    const std::string place = folder.path() / "log";
    WrittenEvents written(place);
    EXPECT_TRUE(entries_of(written).empty());
    const auto agent = LoggedEvents::open({.folder = place}, nullptr);
    ASSERT_TRUE(agent) << agent.error().message;
    ASSERT_TRUE((*agent)->extend({.domain = "a", .operation = "b", .content = "c", .register_index = {}}));
    EXPECT_FALSE(entries_of(written).empty());
    EXPECT_EQ(entries_of(written), entries_of(**agent));
    EXPECT_EQ(written.extend({}).value(), guest::Extended::kNotEnabled);
}

}  // namespace
}  // namespace hallmark::events
