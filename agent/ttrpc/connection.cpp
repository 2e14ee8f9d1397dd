// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace hallmark::ttrpc {
namespace {

/// After so many frames the other connections have their turn.
constexpr int kFramesAtOnce = 32;

bool is_passing(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

bool Connection::reads() const {
    if (decoder_.partial()) return true;  // what was begun is finished, so that it isn't late by our doing
    return streams_.size() < limits_.outstanding && waiting_size_ < limits_.buffered &&
           sending_size_ < limits_.buffered;
}

short Connection::events() const {
    return static_cast<short>((reads() ? POLLIN : 0) | (sending_.empty() ? 0 : POLLOUT));
}

bool Connection::read() {
    for (int frames = 0; frames < kFramesAtOnce && reads();) {
        const auto room = decoder_.room();
        const ssize_t got = ::recv(fd(), room.data(), room.size(), MSG_DONTWAIT);
        if (got < 0 && is_passing(errno)) break;
        if (got <= 0) return false;
        const bool begins = !decoder_.partial();
        if (const auto frame = decoder_.filled(static_cast<std::size_t>(got))) {
            ++frames;
            frame_due_ = Deadline::max();
            if (!accept(*frame)) return false;
        } else if (begins) {
            frame_due_ = in(limits_.stall);
        }
    }
    return true;
}

bool Connection::accept(const Frame& frame) {
    if (frame.type == Type::kData) {
        refuse(frame.stream, {Code::kUnimplemented, "data on a stream: no method here streams"});
        return true;
    }
    if (frame.type != Type::kRequest) return false;
    if (frame.stream % 2 == 0 || streams_.contains(frame.stream)) {
        refuse(frame.stream,
               {Code::kInvalidArgument, "stream " + std::to_string(frame.stream) +
                                            ": expected an odd number that no call has which is not answered"});
        return true;
    }
    if (frame.oversized()) {
        refuse(frame.stream,
               {Code::kResourceExhausted, "the request has " + std::to_string(frame.length) +
                                              " bytes, expected at most " + std::to_string(kLargestData)});
        return true;
    }
    if ((frame.flags & kRemoteOpen) != 0) {
        refuse(frame.stream, {Code::kUnimplemented, "the request opens a stream: no method here streams"});
        return true;
    }
    auto call = IncomingCall::decode(frame.data.bytes());
    if (!call) {
        refuse(frame.stream, call.error());
        return true;
    }
    const auto handler = methods_.find(call->service(), call->method());
    if (!handler) {
        refuse(frame.stream, handler.error());
        return true;
    }
    waiting_size_ += call->payload().size();
    streams_.insert(frame.stream);
    waiting_.push_back({frame.stream, *handler, *std::move(call)});
    return true;
}

std::optional<WaitingCall> Connection::take() {
    if (waiting_.empty() || sending_size_ >= limits_.buffered) return std::nullopt;
    WaitingCall next = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_size_ -= next.call.payload().size();
    return next;
}

void Connection::answer(std::uint32_t stream, Bytes frame) {
    streams_.erase(stream);
    send(std::move(frame));
}

void Connection::refuse(std::uint32_t stream, Failure failure) {
    send(response_frame(stream, std::unexpected(std::move(failure))));
}

void Connection::send(Bytes frame) {
    if (sending_.empty()) sent_due_ = in(limits_.stall);
    sending_size_ += frame.size();
    sending_.emplace_back(std::move(frame));
}

bool Connection::write() {
    while (!sending_.empty()) {
        const ByteSpan rest = sending_.front().bytes().subspan(sent_);
        const ssize_t size = ::send(fd(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0) return is_passing(errno);
        sent_ += static_cast<std::size_t>(size);
        if (static_cast<std::size_t>(size) < rest.size()) continue;
        sending_size_ -= sent_;
        sent_ = 0;
        sending_.pop_front();
        sent_due_ = sending_.empty() ? Deadline::max() : in(limits_.stall);
    }
    return true;
}

}  // namespace hallmark::ttrpc
