// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/http/client.hpp"

namespace hallmark::registry {

/// Sessions that keep their connections between requests, lent to one thread at a time.
class Sessions {
public:
    class Lease {
    public:
        Lease(Sessions& from, std::unique_ptr<http::Session> session) : from_(from), session_(std::move(session)) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { from_.take_back(std::move(session_)); }
        http::Session& operator*() const { return *session_; }

    private:
        Sessions& from_;
        std::unique_ptr<http::Session> session_;
    };

    Lease lend() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return {*this, std::make_unique<http::Session>()};
        auto session = std::move(idle_.back());
        idle_.pop_back();
        return {*this, std::move(session)};
    }

private:
    static constexpr std::size_t kMostIdle = 16;
    void take_back(std::unique_ptr<http::Session> session) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < kMostIdle) idle_.push_back(std::move(session));
    }
    std::mutex mutex_;
    std::vector<std::unique_ptr<http::Session>> idle_;
};

}  // namespace hallmark::registry
