// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "agent/ttrpc/methods.hpp"

namespace hallmark::test {

/// Methods for whoever tests the server. Of test.Echo: Echo answers with what it got; Double with it twice; Slow like
/// Echo after 200 ms; Left with a message of the milliseconds until the deadline (uint64 milliseconds = 1), empty
/// where there is none; Fail with NOT_FOUND and what it got as the reason.
inline ttrpc::Methods echo_methods() {
    using ttrpc::Answer;
    using ttrpc::Call;
    constexpr auto kService = "test.Echo";
    const auto copy = [](ByteSpan bytes) { return Secret(Bytes(bytes.begin(), bytes.end())); };
    ttrpc::Methods methods;
    methods.add(kService, "Echo", [copy](ByteSpan payload, const Call&) -> Answer { return copy(payload); });
    methods.add(kService, "Double", [](ByteSpan payload, const Call&) -> Answer {
        Bytes twice(payload.begin(), payload.end());
        append(twice, payload);
        return Secret(std::move(twice));
    });
    methods.add(kService, "Slow", [copy](ByteSpan payload, const Call&) -> Answer {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        return copy(payload);
    });
    methods.add(kService, "Left", [](ByteSpan, const Call& call) -> Answer {
        if (call.deadline == Deadline::max()) return Secret();
        auto left = static_cast<unsigned>(milliseconds_until(call.deadline));
        Bytes message = {1U << 3};
        for (; left >= 0x80; left >>= 7) message.push_back(static_cast<std::uint8_t>(left | 0x80));
        message.push_back(static_cast<std::uint8_t>(left));
        return Secret(std::move(message));
    });
    methods.add(kService, "Fail", [](ByteSpan payload, const Call&) -> Answer {
        return ttrpc::failure(ttrpc::Code::kNotFound, {payload.begin(), payload.end()});
    });
    return methods;
}

}  // namespace hallmark::test
