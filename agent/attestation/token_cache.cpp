// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/token_cache.hpp"

#include <string>
#include <thread>

namespace hallmark::attestation {
namespace {

constexpr int kPartKept = 10;  // a token is not handed out any more in the last tenth of its life

}  // namespace

TokenCache::Outcome TokenCache::get(Deadline deadline, bool fresh) {
    std::unique_lock lock(mutex_);
    if (!fresh && kept_ && time_.now() < kept_until_) return kept_;
    if (!running_) return fetch_for_all(lock);
    const auto fetch = running_;
    const auto is_done = [&fetch] { return fetch->done; };
    // A deadline of no end would overflow where the wait is turned into a time of the system.
    if (deadline == Deadline::max())
        done_.wait(lock, is_done);
    else if (!done_.wait_until(lock, deadline, is_done))
        return refused("token: another caller's exchange has not ended in the time given");
    return fetch->outcome;
}

TokenCache::Outcome TokenCache::fetch_for_all(std::unique_lock<std::mutex>& lock) {
    const auto mine = std::make_shared<Fetch>();
    running_ = mine;
    kept_ = nullptr;
    lock.unlock();
    const Deadline begin = time_.now();
    Outcome outcome = fetch();
    lock.lock();
    if (outcome) {
        kept_ = *outcome;
        kept_until_ = begin + (*outcome)->life * (kPartKept - 1) / kPartKept;
    }
    mine->outcome = outcome;
    mine->done = true;
    running_ = nullptr;
    done_.notify_all();
    return outcome;
}

TokenCache::Outcome TokenCache::fetch() {
    const Deadline end = time_.now() + patience_.whole;
    auto wait = patience_.first_wait;
    for (int attempt = 1;; ++attempt) {
        auto token = module_->get();
        if (token) return std::make_shared<const Token>(std::move(*token));
        Failure failure = std::move(token).error();
        if (!failure.may_pass) return std::unexpected(std::move(failure.error));
        if (attempt >= patience_.attempts || time_.now() + wait >= end) {
            failure.error.message += " (after " + std::to_string(attempt) + " attempts)";
            return std::unexpected(std::move(failure.error));
        }
        if (time_.sleep)
            time_.sleep(wait);
        else
            std::this_thread::sleep_for(wait);
        wait *= 2;
    }
}

}  // namespace hallmark::attestation
