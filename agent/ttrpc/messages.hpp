// SPDX-License-Identifier: Apache-2.0
// Messages of protobuf in place of bytes.
#pragma once

#include <google/protobuf/message_lite.h>

#include <expected>
#include <string>
#include <utility>

#include "agent/ttrpc/failure.hpp"
#include "agent/ttrpc/methods.hpp"

namespace hallmark::ttrpc {

/// The message that a payload holds; INVALID_ARGUMENT where it holds none.
template <class Message>
std::expected<Message, Failure> parse(ByteSpan payload) {
    Message message;
    if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
        return failure(Code::kInvalidArgument, "payload of " + std::to_string(payload.size()) +
                                                   " bytes, expected a message " + message.GetTypeName());
    return message;
}

inline Secret serialise(const google::protobuf::MessageLite& message) {
    Bytes bytes(message.ByteSizeLong());
    message.SerializeWithCachedSizesToArray(bytes.data());
    return Secret(std::move(bytes));
}

/// A handler from a function of (const Request&, const Call&) that returns std::expected<Response, Failure>. Fields
/// that hold secrets are freed with the messages, and wiped only where the program's allocator does that.
template <class Request, class Function>
Handler unary(Function function) {
    return [function = std::move(function)](ByteSpan payload, const Call& call) -> Answer {
        const auto request = parse<Request>(payload);
        if (!request) return std::unexpected(request.error());
        const auto response = function(*request, call);
        if (!response) return std::unexpected(response.error());
        return serialise(*response);
    };
}

}  // namespace hallmark::ttrpc
