// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/admission.hpp"

#include <mutex>
#include <utility>

namespace hallmark::ttrpc {

struct Admission::Count {
    std::mutex mutex;
    std::size_t free;

    bool enter() {
        const std::lock_guard lock(mutex);
        if (free == 0) return false;
        --free;
        return true;
    }
    void leave() {
        const std::lock_guard lock(mutex);
        ++free;
    }
};

Admission::Admission(std::size_t most) : count_(std::make_shared<Count>()) { count_->free = most; }

Handler Admission::guard(Handler handler, std::string refusal) const {
    return [count = count_, handler = std::move(handler), refusal = std::move(refusal)](ByteSpan payload,
                                                                                        const Call& call) -> Answer {
        if (!count->enter()) return failure(Code::kResourceExhausted, refusal);
        auto answer = handler(payload, call);
        count->leave();
        return answer;
    };
}

}  // namespace hallmark::ttrpc
