// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "agent/attestation/tokens.hpp"
#include "common/deadline.hpp"

namespace hallmark::attestation {

/// How often and how long to try, when the failure may pass.
struct Patience {
    int attempts = 5;
    std::chrono::milliseconds first_wait{500};  ///< doubles each time
    std::chrono::milliseconds whole{30'000};    ///< no attempt begins later; callers wait for 50 s at most
};

/// What passes time; tests have their own.
struct Time {
    std::function<Deadline()> now = [] { return Clock::now(); };
    std::function<void(std::chrono::milliseconds)> sleep;  ///< empty: really
};

/// Keeps the token of one module until shortly before it ends. Callers that come while one is fetched wait for that
/// one, and get what it got.
class TokenCache {
public:
    using Shared = std::shared_ptr<const Token>;
    using Outcome = std::expected<Shared, Error>;

    explicit TokenCache(std::unique_ptr<TokenModule> module, Patience patience = {}, Time time = {})
        : module_(std::move(module)), patience_(patience), time_(std::move(time)) {}

    /// The token, at the latest at the caller's deadline. `fresh`: not the one that is kept, which the caller found to
    /// be good for nothing.
    Outcome get(Deadline deadline, bool fresh = false);

private:
    struct Fetch {
        bool done = false;
        Outcome outcome{nullptr};
    };
    Outcome fetch();
    Outcome fetch_for_all(std::unique_lock<std::mutex>& lock);

    std::unique_ptr<TokenModule> module_;
    Patience patience_;
    Time time_;

    std::mutex mutex_;
    std::condition_variable done_;
    std::shared_ptr<Fetch> running_;  // null where nobody fetches
    Shared kept_;
    Deadline kept_until_{};
};

}  // namespace hallmark::attestation
