// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "measure/inspect/format.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_event_log.hpp"
#include "tests/support/synthetic_pe.hpp"

namespace hallmark::inspect {
namespace {

using namespace hallmark::test;

TEST(InspectFormats, RecogniseTheirs) {
    EXPECT_EQ((*recognise(event_log_sample(), "f"))->name, "event-log");
    EXPECT_EQ((*recognise(pe_image(plain_pe()), "f"))->name, "pe");
    expect_error(recognise(as_bytes("plain text"), "f"), {"f: of no format", "event-log", "pe", "--as"});
    expect_error(recognise({}, "f"), {"of no format"});
}

TEST(InspectFormats, HaveNamesOfTheirOwn) {
    std::set<std::string_view> names;
    for (const auto* format : formats()) {
        EXPECT_TRUE(names.insert(format->name).second) << format->name;
        EXPECT_EQ(*find_format(format->name), format);
        EXPECT_FALSE(format->describe({}, "f")) << format->name;
    }
    expect_error(find_format("elf"), {"format elf", "event-log"});
}

TEST(InspectFormats, ShowAnEventLogAndItsRegisters) {
    const auto json = kEventLog.describe(event_log_sample(), "f");
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ((*json)["banks"], Json({"sha256", "sha384"}));
    EXPECT_EQ((*json)["events"][0]["type"], "EV_EFI_ACTION");
    EXPECT_EQ((*json)["events"][0]["text"], "Calling");
    EXPECT_EQ((*json)["events"][1]["data"], "00000000");
    EXPECT_EQ((*json)["registers"]["sha384"].size(), 2U);
}

}  // namespace
}  // namespace hallmark::inspect
