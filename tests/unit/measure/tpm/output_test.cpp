// SPDX-License-Identifier: Apache-2.0
#include "measure/tpm/output.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::tpm {
namespace {

using namespace hallmark::test;

Prediction sample() {
    Prediction prediction;
    prediction.events = {event_over(4, EventType::kAction, "one", "the word", as_bytes("one")),
                         event_over(1, EventType::kAction, "other", "the word", as_bytes("other"))};
    prediction.complete = {4, 12};
    prediction.assumptions = {"an assumption"};
    return prediction;
}

// Python's hashlib: sha256(bytes(32) + sha256(b"one").digest()), sha256(b"one").
const std::string kValue = "c7e3347570821fed43690c2125ce36b1fb0ca7787ba0f219b8e75ee0fc7b4644";
const std::string kOne = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";

TEST(PcrOutput, LinesHaveOnlyWhatIsComplete) {
    const auto lines = as_lines(sample(), {.pcrs = {}, .banks = {Algorithm::kSha256}});
    ASSERT_TRUE(lines);
    EXPECT_EQ(*lines, "4:sha256=" + kValue + "\n12:sha256=" + std::string(64, '0') + "\n");
    EXPECT_EQ(*as_lines(sample(), {.pcrs = {1}, .banks = {Algorithm::kSha256}}), "");
}

TEST(PcrOutput, JsonHasEventsAndSteps) {
    const auto json = as_json(sample(), {.pcrs = {}, .banks = {Algorithm::kSha256}}, true);
    ASSERT_TRUE(json);
    EXPECT_EQ((*json)["pcrs"]["sha256"]["4"], kValue);
    EXPECT_EQ((*json)["events"].size(), 2U);
    EXPECT_EQ((*json)["events"][0]["digests"]["sha256"], kOne);
    EXPECT_EQ((*json)["assumptions"][0], "an assumption");
    ASSERT_EQ((*json)["trace"].size(), 1U);
    EXPECT_EQ((*json)["trace"][0]["value"], kValue);
}

TEST(PcrOutput, PcrlockHasEveryEvent) {
    const auto json = as_pcrlock(sample(), {.pcrs = {4}, .banks = {Algorithm::kSha256}});
    EXPECT_EQ(json.dump(), R"({"records":[{"pcr":4,"digests":[{"hashAlg":"sha256","digest":")" + kOne + R"("}]}]})");
}

TEST(PcrOutput, PhasesAreWords) {
    EXPECT_EQ(*split_phases("a:b"), (std::vector<std::string>{"a", "b"}));
    for (const auto* text : {"", ":", "a:", ":a", "a::b"}) expect_error(split_phases(text), {"an empty word"});
}

}  // namespace
}  // namespace hallmark::tpm
