// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/compare.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/formats/runtime_event.hpp"

namespace hallmark::boot {
namespace {

using event_log::EventType;
using tdx::Register;
using Texts = std::vector<std::string>;

Sha384 digest(std::uint8_t byte) {
    Sha384 value{};
    value.fill(byte);
    return value;
}

tdx::Event event(Register where, const char* name, std::optional<std::uint8_t> byte) {
    return {where, EventType::kAction, name, "", byte ? std::optional(digest(*byte)) : std::nullopt, ""};
}

/// Two events in RTMR0, one of them left open, two in RTMR1, none in RTMR2 and RTMR3.
tdx::Prediction prediction() {
    tdx::Prediction predicted;
    predicted.single_pass = digest(0xa1);
    predicted.two_pass = digest(0xa2);
    predicted.events = {event(Register::kRtmr0, "config", 1), event(Register::kRtmr1, "kernel", 2),
                        event(Register::kRtmr0, "acpi", std::nullopt), event(Register::kRtmr1, "exit", 4)};
    for (const auto where : {Register::kRtmr0, Register::kRtmr1, Register::kRtmr2, Register::kRtmr3})
        predicted.registers.at(static_cast<std::size_t>(where)) = tdx::replay(predicted.events, where);
    return predicted;
}

Observed as_predicted() {
    return {digest(0xa1), digest(0xa2),
            std::vector<Extension>{{Register::kRtmr0, EventType::kAction, digest(1)},
                                   {Register::kRtmr0, EventType::kAction, digest(3)},
                                   {Register::kRtmr1, EventType::kAction, digest(2)},
                                   {Register::kRtmr1, EventType::kAction, digest(4)}},
            std::vector<Extension>{}};
}

/// "rtmr1 differs", of registers and then events that are not equal.
Texts not_equal(const Observed& observed) {
    Texts texts;
    const auto comparison = compare(prediction(), observed);
    const auto add = [&](const std::string& name, const Compared& compared) {
        if (compared.verdict != Verdict::kEqual) texts.push_back(name + " " + std::string(name_of(compared.verdict)));
    };
    for (const auto& compared : comparison.registers) add(compared.name, compared);
    for (const auto& compared : comparison.events) add(compared.where + "/" + compared.event.name, compared.event);
    return texts;
}

TEST(Compare, WhatIsLeftOpenIsNotWrong) {
    EXPECT_EQ(not_equal(as_predicted()), (Texts{"rtmr0 not predicted", "rtmr0/acpi not predicted"}));
    for (const auto& compared : compare(prediction(), as_predicted()).registers) EXPECT_FALSE(compared.wrong());
}

TEST(Compare, EachOrderOfMrtd) {
    auto observed = as_predicted();
    observed.single_pass[47] ^= 1;
    EXPECT_EQ(not_equal(observed).front(), "mrtd.single_pass differs");
    observed = as_predicted();
    observed.two_pass[0] ^= 1;
    EXPECT_EQ(not_equal(observed).front(), "mrtd.two_pass differs");
}

TEST(Compare, AnEventThatDiffersMakesItsRegisterDiffer) {
    auto observed = as_predicted();
    observed.extensions->at(2).digest[0] ^= 1;
    EXPECT_EQ(not_equal(observed),
              (Texts{"rtmr0 not predicted", "rtmr1 differs", "rtmr0/acpi not predicted", "rtmr1/kernel differs"}));
    observed = as_predicted();
    observed.extensions->at(0).digest[0] ^= 1;  // in a register that isn't predicted as a whole
    EXPECT_EQ(not_equal(observed), (Texts{"rtmr0 differs", "rtmr0/config differs", "rtmr0/acpi not predicted"}));
}

TEST(Compare, AnEventOfAnotherTypeDiffersWhateverItsDigest) {
    auto observed = as_predicted();
    observed.extensions->at(1).type = EventType::kSeparator;  // of the event that is left open
    EXPECT_EQ(not_equal(observed), (Texts{"rtmr0 differs", "rtmr0/acpi differs"}));
}

TEST(Compare, EventsThatAreMissingOrTooMany) {
    auto observed = as_predicted();
    observed.extensions->pop_back();
    observed.extensions->push_back({Register::kRtmr2, EventType::kEventTag, digest(9)});
    EXPECT_EQ(not_equal(observed), (Texts{"rtmr0 not predicted", "rtmr1 differs", "rtmr2 differs",
                                          "rtmr0/acpi not predicted", "rtmr1/exit missing", "rtmr2/ unexpected"}));
    observed = as_predicted();
    observed.extensions->erase(observed.extensions->begin() + 1);  // one that is left open must be there all the same
    EXPECT_EQ(not_equal(observed), (Texts{"rtmr0 differs", "rtmr0/acpi missing"}));
}

Extension logged(std::string_view text) {
    auto record = runtime_event::record_of(4, text);
    return {Register::kRtmr3, record.type, record.digest, std::move(record.data)};
}

TEST(Compare, WithoutEntriesInTheGuestsLogRtmr3IsZero) {
    const auto rtmr3 = compare(prediction(), as_predicted()).registers.back();
    EXPECT_EQ(rtmr3.name, "rtmr3");
    EXPECT_EQ(rtmr3.verdict, Verdict::kEqual);
    EXPECT_EQ(rtmr3.predicted, Sha384{});
    EXPECT_EQ(rtmr3.observed, Sha384{});
}

TEST(Compare, Rtmr3IsWhatTheGuestLogged) {
    auto observed = as_predicted();
    observed.runtime = {logged("INIT sha384/00"), logged("a b c\n\x01")};
    auto comparison = compare(prediction(), observed);
    auto& rtmr3 = comparison.registers.back();
    EXPECT_EQ(rtmr3.name, "rtmr3");
    EXPECT_EQ(rtmr3.verdict, Verdict::kByGuestLog);
    EXPECT_EQ(rtmr3.what, "2 entries in the guest's log");
    EXPECT_FALSE(rtmr3.wrong());
    EXPECT_EQ(rtmr3.predicted, std::nullopt);
    ASSERT_EQ(comparison.events.size(), 6U);
    EXPECT_EQ(comparison.events[4].where, "rtmr3");
    EXPECT_EQ(comparison.events[4].event.what, "INIT sha384/00");
    EXPECT_EQ(comparison.events[5].event.what, "a b c \\x01");
    EXPECT_EQ(comparison.events[5].event.verdict, Verdict::kByGuestLog);
    tdx::QuoteBody quoted;
    quoted.rtmr.at(3) = *rtmr3.observed;
    add_quoted(comparison, quoted);
    EXPECT_EQ(comparison.registers.back().verdict, Verdict::kByGuestLog);
    quoted.rtmr.at(3) = {};
    add_quoted(comparison, quoted);
    EXPECT_EQ(comparison.registers.back().verdict, Verdict::kDiffers);
}

TEST(Compare, WithoutALogOfTheGuestRtmr3IsLeftOut) {
    auto observed = as_predicted();
    observed.runtime.reset();
    for (const auto& compared : compare(prediction(), observed).registers) EXPECT_NE(compared.name, "rtmr3");
}

TEST(Compare, WhatAQuoteSaysIsComparedWithWhatWasObserved) {
    const auto honest = as_predicted();
    tdx::QuoteBody quoted;
    quoted.mr_td = honest.single_pass;
    quoted.rtmr = replay(*honest.extensions);
    const auto compared = [&] {
        auto comparison = compare(prediction(), honest);
        add_quoted(comparison, quoted);
        Texts differ;
        for (const auto& one : comparison.registers) {
            EXPECT_EQ(one.quoted.has_value(), one.name != "mrtd.two_pass") << one.name;
            if (one.wrong()) differ.push_back(one.name);
        }
        return differ;
    };
    EXPECT_EQ(compared(), Texts{});
    quoted.mr_td[0] ^= 1;
    for (auto& value : quoted.rtmr) value[47] ^= 1;
    EXPECT_EQ(compared(), (Texts{"mrtd.single_pass", "rtmr0", "rtmr1", "rtmr2", "rtmr3"}));
}

TEST(Compare, WhereTheGuestDidNotGetFarOnlyMrtdIsCompared) {
    const auto comparison = compare(prediction(), {digest(0xa1), digest(0xa2), std::nullopt, std::nullopt});
    EXPECT_EQ(comparison.registers.size(), 2U);
    EXPECT_TRUE(comparison.events.empty());
}

}  // namespace
}  // namespace hallmark::boot
