// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/envelope.hpp"
#include "common/text.hpp"

#include <google/protobuf/stubs/logging.h>

#include <string>
#include <utility>

namespace hallmark::ttrpc {
namespace {

/// What longer waits count as no limit at all: more than any caller means, and far from what overflows.
constexpr std::chrono::nanoseconds kLongestWait = std::chrono::hours(24 * 365);
/// A reason is for people and stays short; what repeats a broker's page is cut.
constexpr std::size_t kLongestMessage = 4U << 10;

/// Who sends what can't be read is told so; otherwise protobuf writes a line to standard error for each.
[[maybe_unused]] const auto kQuiet = google::protobuf::SetLogHandler(nullptr);

bool parse(google::protobuf::MessageLite& message, ByteSpan data) {
    return message.ParseFromArray(data.data(), static_cast<int>(data.size()));
}

template <class Message>
Bytes frame_of(std::uint32_t stream, Type type, const Message& message) {
    const std::size_t size = message.ByteSizeLong();
    Bytes frame = begin_frame(stream, type, size);
    message.SerializeWithCachedSizesToArray(frame.data() + sizeof(Header));
    return frame;
}

/// Callers refuse messages that are not UTF-8, and a reason may quote anything.
std::string plain(std::string_view text) {
    std::string ascii(text.substr(0, kLongestMessage));
    for (char& c : ascii)
        if (c < 0x20 || c > 0x7e) c = '?';
    return ascii;
}

}  // namespace

std::expected<IncomingCall, Failure> IncomingCall::decode(ByteSpan data) {
    IncomingCall call;
    if (!parse(call.request_, data))
        return failure(Code::kInvalidArgument,
                       "request of " + std::to_string(data.size()) + " bytes, expected a message ttrpc.Request");
    const std::chrono::nanoseconds timeout(call.request_.timeout_nano());
    if (timeout.count() > 0 && timeout < kLongestWait) call.deadline_ = Clock::now() + timeout;
    return call;
}

Bytes request_frame(std::uint32_t stream, std::string_view service, std::string_view method, ByteSpan payload,
                    std::chrono::nanoseconds timeout) {
    ::ttrpc::Request request;
    request.set_service(std::string(service));
    request.set_method(std::string(method));
    request.set_payload(std::string(text_of(payload)));
    request.set_timeout_nano(timeout.count());
    Bytes frame = frame_of(stream, Type::kRequest, request);
    wipe(*request.mutable_payload());
    return frame;
}

Bytes response_frame(std::uint32_t stream, const Answer& answer) {
    ::ttrpc::Response response;
    if (answer) {
        response.set_payload(std::string(text_of(answer->bytes())));
        if (const std::size_t size = response.ByteSizeLong(); size > kLargestData) {
            wipe(*response.mutable_payload());
            return response_frame(stream, failure(Code::kResourceExhausted, "the answer has " + std::to_string(size) +
                                                                                " bytes, expected at most " +
                                                                                std::to_string(kLargestData)));
        }
    } else {
        auto& status = *response.mutable_status();
        status.set_code(static_cast<std::int32_t>(answer.error().code));
        status.set_message(plain(answer.error().message));
    }
    Bytes frame = frame_of(stream, Type::kResponse, response);
    wipe(*response.mutable_payload());
    return frame;
}

Answer decode_response(ByteSpan data) {
    ::ttrpc::Response response;
    if (!parse(response, data))
        return failure(Code::kInternal,
                       "answer of " + std::to_string(data.size()) + " bytes, expected a message ttrpc.Response");
    if (response.status().code() != 0) {
        wipe(*response.mutable_payload());
        return failure(static_cast<Code>(response.status().code()),
                       std::move(*response.mutable_status()->mutable_message()));
    }
    const ByteSpan payload = as_bytes(response.payload());
    Secret answer(Bytes(payload.begin(), payload.end()));
    wipe(*response.mutable_payload());
    return answer;
}

}  // namespace hallmark::ttrpc
