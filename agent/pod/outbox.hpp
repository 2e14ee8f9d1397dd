// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "agent/ports/deadline.hpp"
#include "common/bytes.hpp"
#include "common/formats/guest_port.hpp"

namespace hallmark::pod {

/// What containers wrote and the host has not taken yet: little of it. A host that takes nothing for a moment holds no
/// container up any longer: what they write is then lost, and counted.
class Outbox {
public:
    struct Limits {
        std::size_t room = 256UL * 1024;          ///< bytes
        std::chrono::milliseconds moment{2'000};  ///< that the host is waited for
    };

    explicit Outbox(std::size_t containers) : Outbox(containers, Limits{}) {}
    Outbox(std::size_t containers, Limits limits) : limits_(limits), lost_(containers) {}

    /// Whether more is to be read from the containers now. What isn't read blocks them.
    [[nodiscard]] bool takes(guest::Clock::time_point now) const;
    /// When takes() will be true although the host takes nothing; nothing where it is already.
    [[nodiscard]] std::optional<guest::Deadline> due(guest::Clock::time_point now) const;
    /// Keeps it, or where there is no room loses it. At most guest_port::kLargestOutput bytes.
    void add(guest_port::Output output, guest::Clock::time_point now);
    /// The oldest, for a host that takes it now.
    std::optional<guest_port::Output> take(guest::Clock::time_point now);

    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    /// Bytes of a container that were lost.
    [[nodiscard]] std::uint64_t lost(std::size_t container) const { return lost_[container]; }

private:
    [[nodiscard]] bool full() const { return size_ + guest_port::kLargestOutput > limits_.room; }

    Limits limits_;
    std::deque<guest_port::Output> waiting_{};
    std::size_t size_ = 0;              // bytes of all that waits
    guest::Clock::time_point since_{};  // when the host last took something, or had nothing to take
    std::vector<std::uint64_t> lost_;
};

}  // namespace hallmark::pod
