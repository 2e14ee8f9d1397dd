// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "agent/ttrpc/envelope.hpp"
#include "agent/ttrpc/frame.hpp"

namespace hallmark::ttrpc {
namespace {

constexpr std::uint32_t kStream = 1;

Failure unavailable(const Error& error) { return {Code::kUnavailable, error.message}; }

/// Waits until the socket is ready; nothing where it is, else why it never will be.
std::optional<Failure> wait(int socket, short events, Deadline deadline) {
    pollfd waited{.fd = socket, .events = events, .revents = 0};
    const int ready = ::poll(&waited, 1, milliseconds_until(deadline));
    if (ready > 0 || (ready < 0 && errno == EINTR)) return std::nullopt;
    if (ready == 0) return Failure{Code::kDeadlineExceeded, "the server has not answered in time"};
    return unavailable(system_error("poll"));
}

bool is_passing(int error) { return error == EAGAIN || error == EINTR; }

std::optional<Failure> send_all(int socket, ByteSpan bytes, Deadline deadline) {
    while (!bytes.empty()) {
        if (auto failed = wait(socket, POLLOUT, deadline)) return failed;
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && !is_passing(errno)) return unavailable(system_error("send"));
        if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return std::nullopt;
}

std::expected<Frame, Failure> receive(int socket, Deadline deadline) {
    FrameDecoder decoder;
    for (;;) {
        if (auto failed = wait(socket, POLLIN, deadline)) return std::unexpected(*std::move(failed));
        const auto room = decoder.room();
        const ssize_t got = ::recv(socket, room.data(), room.size(), MSG_DONTWAIT);
        if (got == 0) return failure(Code::kUnavailable, "the server has closed the connection without an answer");
        if (got < 0 && !is_passing(errno)) return std::unexpected(unavailable(system_error("receive")));
        if (got < 0) continue;
        if (auto frame = decoder.filled(static_cast<std::size_t>(got))) return *std::move(frame);
    }
}

}  // namespace

Answer Client::call(std::string_view service, std::string_view method, ByteSpan payload,
                    std::chrono::milliseconds timeout) const {
    const Deadline deadline = in(timeout);
    const auto socket = connect_to(path_, users_, deadline);
    if (!socket) return std::unexpected(unavailable(socket.error()));
    const Secret request(request_frame(kStream, service, method, payload, timeout));
    if (request.bytes().size() > sizeof(Header) + kLargestData)
        return failure(Code::kResourceExhausted, "the request has " + std::to_string(payload.size()) +
                                                     " bytes, expected at most " + std::to_string(kLargestData));
    if (auto failed = send_all(socket->get(), request.bytes(), deadline)) return std::unexpected(*std::move(failed));
    const auto frame = receive(socket->get(), deadline);
    if (!frame) return std::unexpected(frame.error());
    if (frame->type != Type::kResponse || frame->stream != kStream || frame->oversized())
        return failure(Code::kInternal, "the server answered with a frame of type " +
                                            std::to_string(static_cast<unsigned>(frame->type)) + " on stream " +
                                            std::to_string(frame->stream) + ", expected a response on stream 1");
    return decode_response(frame->data.bytes());
}

}  // namespace hallmark::ttrpc
