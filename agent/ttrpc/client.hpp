// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "agent/ttrpc/failure.hpp"
#include "agent/ttrpc/messages.hpp"
#include "agent/ttrpc/socket.hpp"
#include "common/bytes.hpp"

namespace hallmark::ttrpc {

/// Calls the methods of one server, from any thread, several at once. Each call has a connection of its own: calls in
/// the guest are rare, and so none meets a connection that another one left in disorder, or that a restart made stale.
class Client {
public:
    /// Nothing is connected yet. The server must be root's, or that of one of `users`.
    explicit Client(std::string path, Users users = {}) : path_(std::move(path)), users_(std::move(users)) {}

    /// The answer, or what the server says is wrong, or UNAVAILABLE or DEADLINE_EXCEEDED with the reason.
    [[nodiscard]] Answer call(std::string_view service, std::string_view method, ByteSpan payload,
                              std::chrono::milliseconds timeout) const;

    /// The same with messages.
    template <class Response>
    [[nodiscard]] std::expected<Response, Failure> call(std::string_view service, std::string_view method,
                                                        const google::protobuf::MessageLite& request,
                                                        std::chrono::milliseconds timeout) const {
        const auto answer = call(service, method, serialise(request).bytes(), timeout);
        if (!answer) return std::unexpected(answer.error());
        return parse<Response>(answer->bytes());
    }

private:
    std::string path_;
    Users users_;
};

}  // namespace hallmark::ttrpc
