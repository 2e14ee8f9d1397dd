// SPDX-License-Identifier: Apache-2.0
// What ttrpc puts around the messages of methods.
#pragma once

#include <proto/ttrpc.pb.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <string_view>

#include "agent/ttrpc/failure.hpp"
#include "agent/ttrpc/frame.hpp"
#include "agent/ttrpc/methods.hpp"

namespace hallmark::ttrpc {

/// A call as it arrived; its payload is wiped.
class IncomingCall {
public:
    /// From the data of a request frame; INVALID_ARGUMENT where they are no request.
    static std::expected<IncomingCall, Failure> decode(ByteSpan data);

    IncomingCall(IncomingCall&&) = default;
    IncomingCall& operator=(IncomingCall&&) = delete;
    IncomingCall(const IncomingCall&) = delete;
    IncomingCall& operator=(const IncomingCall&) = delete;
    ~IncomingCall() { wipe(*request_.mutable_payload()); }

    [[nodiscard]] std::string_view service() const { return request_.service(); }
    [[nodiscard]] std::string_view method() const { return request_.method(); }
    [[nodiscard]] ByteSpan payload() const { return as_bytes(request_.payload()); }
    /// When the caller stops waiting, counted from the arrival.
    [[nodiscard]] Deadline deadline() const { return deadline_; }

private:
    IncomingCall() = default;

    ::ttrpc::Request request_;
    Deadline deadline_ = Deadline::max();
};

/// A whole frame that asks for a method.
Bytes request_frame(std::uint32_t stream, std::string_view service, std::string_view method, ByteSpan payload,
                    std::chrono::nanoseconds timeout);

/// A whole frame that answers a call. An answer that is too large for a frame becomes RESOURCE_EXHAUSTED.
Bytes response_frame(std::uint32_t stream, const Answer& answer);

/// What the data of a response frame say; INTERNAL where they are no response.
Answer decode_response(ByteSpan data);

}  // namespace hallmark::ttrpc
