// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/token_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>
#include <string>
#include <vector>

namespace hallmark::attestation {
namespace {

using namespace std::chrono_literals;

struct Relying {
    std::deque<Failure> failures;  ///< of the next exchanges
    std::atomic<int> exchanges{0};
    std::function<void()> during = [] {};
};

class FakeModule final : public TokenModule {
public:
    explicit FakeModule(Relying& relying) : relying_(relying) {}
    std::expected<Token, Failure> get() override {
        const int number = ++relying_.exchanges;
        relying_.during();
        if (!relying_.failures.empty()) {
            const Failure failure = relying_.failures.front();
            relying_.failures.pop_front();
            return std::unexpected(failure);
        }
        return Token{.answer = Secret(Bytes{static_cast<std::uint8_t>(number)}), .life = 300s};
    }

private:
    Relying& relying_;
};

class TokenCacheTest : public testing::Test {
protected:
    Relying relying_;
    Deadline now_ = Clock::now();
    std::vector<std::chrono::milliseconds> slept_;
    TokenCache cache_{std::make_unique<FakeModule>(relying_), Patience{},
                      Time{.now = [this] { return now_; },
                           .sleep =
                               [this](std::chrono::milliseconds span) {
                                   slept_.push_back(span);
                                   now_ += span;
                               }}};

    int number_of(const TokenCache::Outcome& outcome) {
        EXPECT_TRUE(outcome) << outcome.error().message;
        return outcome ? (*outcome)->answer.bytes()[0] : -1;
    }
    int get(bool fresh = false) { return number_of(cache_.get(Deadline::max(), fresh)); }
};

TEST_F(TokenCacheTest, KeepsATokenUntilShortlyBeforeItEnds) {
    EXPECT_EQ(get(), 1);
    now_ += 269s;
    EXPECT_EQ(get(), 1);
    now_ += 1s;
    EXPECT_EQ(get(), 2);
}

TEST_F(TokenCacheTest, GivesUpTheTokenThatACallerFoundToBeBad) {
    EXPECT_EQ(get(), 1);
    EXPECT_EQ(get(true), 2);
    EXPECT_EQ(get(), 2);
}

TEST_F(TokenCacheTest, TriesAgainOnlyWhereThatMayHelp) {
    const Failure passing{Error{Fault::kBadInput, "connection refused"}, true};
    relying_.failures = {passing, passing, {Error{Fault::kNo, "PolicyDeny: no"}, false}};
    const auto outcome = cache_.get(Deadline::max());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message, "PolicyDeny: no");
    EXPECT_EQ(relying_.exchanges, 3);
    EXPECT_EQ(slept_, (std::vector<std::chrono::milliseconds>{500ms, 1000ms}));
    EXPECT_EQ(get(), 4);  // nothing of a failure is kept
}

TEST_F(TokenCacheTest, GivesUpWithTheReason) {
    relying_.failures.assign(9, Failure{Error{Fault::kBadInput, "connection refused"}, true});
    const auto outcome = cache_.get(Deadline::max());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message, "connection refused (after 5 attempts)");
    EXPECT_EQ(relying_.exchanges, 5);
}

TEST_F(TokenCacheTest, BeginsNoAttemptWhenTheTimeIsOver) {
    relying_.failures.assign(9, Failure{Error{Fault::kBadInput, "timed out"}, true});
    relying_.during = [this] { now_ += 15s; };
    ASSERT_FALSE(cache_.get(Deadline::max()));
    EXPECT_EQ(relying_.exchanges, 2);
}

TEST_F(TokenCacheTest, CallersAtOnceShareOneExchange) {
    std::promise<void> go;
    auto gone = go.get_future().share();
    relying_.during = [gone] { gone.wait(); };
    std::vector<std::future<int>> callers;
    for (int i = 0; i < 8; ++i) callers.push_back(std::async(std::launch::async, [this] { return get(); }));
    while (relying_.exchanges == 0) std::this_thread::yield();
    // One who can't wait so long is told so, and the others wait on.
    const auto hurried = cache_.get(Clock::now() + 1ms);
    ASSERT_FALSE(hurried);
    EXPECT_EQ(hurried.error().message, "token: another caller's exchange has not ended in the time given");
    go.set_value();
    for (auto& caller : callers) EXPECT_EQ(caller.get(), 1);
    EXPECT_EQ(relying_.exchanges, 1);
}

}  // namespace
}  // namespace hallmark::attestation
