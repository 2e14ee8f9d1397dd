// SPDX-License-Identifier: Apache-2.0
// What tokens say that this broker signed or has verified: not again for every request. Found by their SHA-256, so a
// token that differs in one byte is another one.
#pragma once

#include <cstddef>
#include <ctime>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "common/digest.hpp"
#include "relying-party/broker/bearer.hpp"

namespace hallmark::broker {

/// Threads may share it.
class KnownTokens {
public:
    static constexpr std::size_t kMostBytes = std::size_t{8} * 1024 * 1024;

    explicit KnownTokens(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

    /// Null where the token is not known, has expired, or the clock was set back since: then it has to be verified.
    [[nodiscard]] std::shared_ptr<const Bearer> find(std::string_view token, std::time_t now) const;

    /// Of a token that is valid now. Beyond the bound the oldest go.
    std::shared_ptr<const Bearer> keep(std::string_view token, Bearer bearer, std::time_t now);

private:
    struct Known {
        std::shared_ptr<const Bearer> bearer;
        std::time_t since = 0;
        std::size_t weight = 0;
    };

    const std::size_t most_bytes_;
    mutable std::mutex mutex_;  // of all below
    std::map<Sha256, Known> known_;
    std::deque<Sha256> by_age_;
    std::size_t weight_ = 0;
};

}  // namespace hallmark::broker
