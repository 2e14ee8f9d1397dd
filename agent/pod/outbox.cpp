// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/outbox.hpp"

#include <utility>

namespace hallmark::pod {

using guest::Clock;

bool Outbox::takes(Clock::time_point now) const { return !full() || now - since_ >= limits_.moment; }

std::optional<guest::Deadline> Outbox::due(Clock::time_point now) const {
    if (takes(now)) return std::nullopt;
    return since_ + limits_.moment;
}

void Outbox::add(guest_port::Output output, Clock::time_point now) {
    if (full()) {
        lost_[output.container] += output.bytes.size();
        return;
    }
    if (waiting_.empty()) since_ = now;
    size_ += output.bytes.size();
    waiting_.push_back(std::move(output));
}

std::optional<guest_port::Output> Outbox::take(Clock::time_point now) {
    if (waiting_.empty()) return std::nullopt;
    guest_port::Output output = std::move(waiting_.front());
    waiting_.pop_front();
    size_ -= output.bytes.size();
    since_ = now;
    return output;
}

}  // namespace hallmark::pod
