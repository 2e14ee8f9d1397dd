// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "measure/explain/answer.hpp"

namespace hallmark::explain {
namespace {

/// A sum of numbers, of which the first may be any of a run.
class Sum : public Space {
public:
    Sum(std::vector<std::vector<int>> numbers, std::optional<std::size_t> run, int expected)
        : numbers_(std::move(numbers)), run_(run), expected_(expected) {
        for (std::size_t i = 0; i < numbers_.size(); ++i) {
            Dimension dimension{.option = "--n" + std::to_string(i), .given = std::to_string(numbers_[i][0])};
            for (std::size_t k = 1; k < numbers_[i].size(); ++k)
                dimension.others.push_back({std::to_string(numbers_[i][k]), ""});
            dimension.paired = dimension.others.size();
            dimensions_.push_back(dimension);
        }
    }
    void alone(std::size_t dimension, std::size_t paired) { dimensions_[dimension].paired = paired; }

    [[nodiscard]] const std::vector<Dimension>& dimensions() const override { return dimensions_; }
    [[nodiscard]] std::optional<std::size_t> run() const override { return run_; }
    [[nodiscard]] std::vector<Hit> measure(std::span<const Candidate> candidates) const override {
        std::vector<Hit> hits;
        for (std::size_t i = candidates.size(); i-- > 0;) {
            const std::size_t length = run_ && candidates[i].whole_run ? numbers_[*run_].size() : 1;
            for (std::size_t choice = 0; choice < length; ++choice)
                if (sum(candidates[i], choice) == expected_) hits.push_back({i, choice});
        }
        return hits;
    }

private:
    [[nodiscard]] int sum(const Candidate& candidate, std::size_t run_choice) const {
        int total = 0;
        for (std::size_t i = 0; i < numbers_.size(); ++i)
            total += numbers_[i][i == run_ ? run_choice : candidate.choice(i)];
        return total;
    }

    std::vector<std::vector<int>> numbers_;
    std::optional<std::size_t> run_;
    int expected_;
    std::vector<Dimension> dimensions_;
};

std::vector<std::string> words(const Outcome& outcome) {
    std::vector<std::string> texts;
    for (const auto& explanation : outcome.explanations) texts.push_back(in_words(explanation));
    return texts;
}

const std::vector<std::vector<int>> kNumbers = {{1, 2, 3}, {10, 20, 30}, {100, 200}};
using Texts = std::vector<std::string>;

TEST(Search, TheRequestItselfNeedsNoExplanation) {
    const auto outcome = search(Sum(kNumbers, 0, 111));
    EXPECT_TRUE(outcome.equal);
    EXPECT_EQ(words(outcome), Texts{});
    EXPECT_EQ(outcome.candidates, 1U);
}

TEST(Search, FindsAChangeWithAndWithoutARun) {
    for (const auto run : {std::optional<std::size_t>(0), std::optional<std::size_t>()}) {
        EXPECT_EQ(words(search(Sum(kNumbers, run, 113))), Texts{"--n0 3 instead of 1"});
        EXPECT_EQ(words(search(Sum(kNumbers, run, 131))), Texts{"--n1 30 instead of 10"});
    }
}

TEST(Search, FindsAPairWithAndWithoutARun) {
    for (const auto run : {std::optional<std::size_t>(0), std::optional<std::size_t>()}) {
        EXPECT_EQ(words(search(Sum(kNumbers, run, 122))), Texts{"--n0 2 instead of 1 and --n1 20 instead of 10"});
        EXPECT_EQ(words(search(Sum(kNumbers, run, 231))), Texts{"--n1 30 instead of 10 and --n2 200 instead of 100"});
    }
}

TEST(Search, FindsNoThreeChanges) {
    const auto outcome = search(Sum(kNumbers, 0, 233));
    EXPECT_FALSE(outcome.equal);
    EXPECT_EQ(words(outcome), Texts{});
    // 1 request, 2 + 2 + 1 changes, 2·2 + 2·1 + 2·1 pairs.
    EXPECT_EQ(outcome.candidates, 14U);
    EXPECT_EQ(search(Sum(kNumbers, std::nullopt, 233)).candidates, 14U);
}

TEST(Search, OneChangeGoesBeforeTwo) {
    // 3 + 10 and 1 + 12.
    const auto outcome = search(Sum({{1, 3, 2}, {10, 12, 11}}, std::nullopt, 13));
    EXPECT_EQ(words(outcome), (Texts{"--n0 3 instead of 1", "--n1 12 instead of 10"}));
}

TEST(Search, WhatIsTriedAloneTakesNoPartInPairs) {
    Sum space({{1, 2, 3}, {10, 20, 30}}, std::nullopt, 33);
    space.alone(0, 1);
    EXPECT_EQ(words(search(space)), Texts{});
    Sum alone({{1, 2, 3}, {10, 20, 30}}, std::nullopt, 13);
    alone.alone(0, 1);
    EXPECT_EQ(words(search(alone)), Texts{"--n0 3 instead of 1"});
}

TEST(Answer, SaysWhatIsNotGiven) {
    EXPECT_EQ(in_words({{"--initrd", "i.img", {std::nullopt, ""}}}), "no --initrd");
    EXPECT_EQ(in_words({{"--append", std::nullopt, {"a b", ""}}}), "--append 'a b' instead of none");
    EXPECT_EQ(in_words({{"--append", "", {"quiet\n", ""}}}), "--append 'quiet\\n' instead of ''");
    EXPECT_EQ(in_words({{"page order", "single-pass", {"two-pass", "an old fork"}}}),
              "page order two-pass (an old fork) instead of single-pass");
}

TEST(Answer, ListsWhatWasTried) {
    const Sum space(kNumbers, std::nullopt, 999);
    const auto outcome = search(space);
    const auto text = as_lines("sum", space, outcome);
    EXPECT_NE(text.find("sum is not explained by any of 14 requests"), std::string::npos) << text;
    EXPECT_NE(text.find("--n0  2 others\n"), std::string::npos) << text;
    EXPECT_NE(text.find("--n2  1 other\n"), std::string::npos) << text;
    const auto json = as_json(space, outcome);
    EXPECT_EQ(json["equal"], false);
    EXPECT_EQ(json["candidates"], 14);
    EXPECT_EQ(json["tried"].size(), 3U);
}

}  // namespace
}  // namespace hallmark::explain
