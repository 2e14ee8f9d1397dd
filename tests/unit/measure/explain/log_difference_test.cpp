// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/log_difference.hpp"

#include <gtest/gtest.h>

namespace hallmark::explain {
namespace {

using event_log::EventType;
using Kind = Difference::Kind;

/// Events whose digests are single letters; '?' is one that isn't predicted.
std::vector<PredictedEvent> predicted(std::string_view letters) {
    std::vector<PredictedEvent> events;
    for (const char c : letters) {
        const std::string name(1, c);
        events.push_back({EventType::kAction, name, "letter " + name, std::nullopt});
        if (c != '?') events.back().digest = Bytes{static_cast<std::uint8_t>(c)};
    }
    return events;
}

std::vector<LoggedEvent> logged(std::string_view letters) {
    std::vector<LoggedEvent> events;
    for (const char c : letters)
        events.push_back({16 * events.size(), EventType::kAction, {static_cast<std::uint8_t>(c)}, std::string(1, c)});
    return events;
}

void expect(std::string_view prediction, std::string_view log, Kind kind, std::size_t position) {
    const auto difference = first_difference(predicted(prediction), logged(log));
    ASSERT_TRUE(difference) << prediction << " " << log;
    EXPECT_EQ(difference->kind, kind) << prediction << " " << log;
    EXPECT_EQ(difference->position, position) << prediction << " " << log;
}

TEST(FirstDifference, IsNoneWhereAllIsPredicted) {
    EXPECT_FALSE(first_difference(predicted(""), logged("")));
    EXPECT_FALSE(first_difference(predicted("abc"), logged("abc")));
    EXPECT_FALSE(first_difference(predicted("a?c"), logged("axc")));
}

TEST(FirstDifference, TellsWhatKindItIs) {
    expect("abc", "axc", Kind::kOther, 1);
    expect("abc", "ac", Kind::kMissing, 1);
    expect("abc", "ab", Kind::kMissing, 2);
    expect("abc", "abxc", Kind::kMore, 2);
    expect("abc", "abcd", Kind::kMore, 3);
    expect("a?c", "axy", Kind::kOther, 2);
}

TEST(FirstDifference, AnUnpredictedEventIsTakenByItsType) {
    auto other = logged("ax");
    other[1].type = EventType::kSeparator;
    EXPECT_FALSE(first_difference(predicted("a?"), logged("ax")));
    EXPECT_TRUE(first_difference(predicted("a?"), other));
}

TEST(FirstDifference, IsToldInWords) {
    const auto text = in_words(first_difference(predicted("abc"), logged("axc")).value());
    EXPECT_EQ(text,
              "event 2 differs, at offset 0x10 of the log: EV_ACTION 'x'\n  it covers letter b\n  predicted 62\n"
              "  logged    78\n");
    EXPECT_EQ(in_words(first_difference(predicted("abc"), logged("ac")).value()),
              "event 2 is missing in the log: b\n  it covers letter b\n  predicted 62\n");
    const auto json = as_json(first_difference(predicted("ab"), logged("abz")).value());
    EXPECT_EQ(json["kind"], "more");
    EXPECT_EQ(json["offset"], "0x20");
    EXPECT_FALSE(json.contains("predicted"));
}

}  // namespace
}  // namespace hallmark::explain
