// SPDX-License-Identifier: Apache-2.0
#include "agent/ports/framed_port.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace hallmark::guest {
namespace {

constexpr std::size_t kReadSize = 4096;           // one buffer of the driver; a read returns no more
constexpr std::size_t kMostDiscarded = 1U << 20;  // a host that never stops sending is not waited for
constexpr int kReconnectMs = 20;
constexpr int kBusyMs = 10;

}  // namespace

Result<FramedPort> FramedPort::open(const std::string& path, Deadline deadline) {
    for (;;) {
        FileDescriptor file(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
        if (file.valid()) return FramedPort(std::move(file), path);
        if (errno != EBUSY || remaining_ms(deadline) == 0) return std::unexpected(system_error(path, Fault::kNo));
        ::poll(nullptr, 0, kBusyMs);
    }
}

bool FramedPort::connected() const {
    pollfd port{.fd = file_.get(), .events = POLLOUT, .revents = 0};
    return ::poll(&port, 1, 0) >= 0 && (port.revents & POLLHUP) == 0;
}

Status FramedPort::push(const guest_port::Frame& frame) {
    if (frame.payload.size() > guest_port::kLargestPayload)
        return refused(name_ + ": message of " + std::to_string(frame.payload.size()) + " bytes, expected at most " +
                       std::to_string(guest_port::kLargestPayload));
    append(outgoing_, guest_port::encode(frame));
    return flush();
}

Status FramedPort::flush() {
    std::size_t sent = 0;
    while (sent < outgoing_.size()) {
        const auto count = ::write(file_.get(), outgoing_.data() + sent, outgoing_.size() - sent);
        if (count > 0) sent += static_cast<std::size_t>(count);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno != EAGAIN) return std::unexpected(system_error(name_, Fault::kNo));
        if (count <= 0) break;
    }
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(sent));
    return {};
}

Status FramedPort::send(const guest_port::Frame& frame, Deadline deadline) {
    HALLMARK_CHECK(push(frame));
    while (pending()) {
        if (!wait(POLLOUT, deadline)) {
            const auto left = std::exchange(outgoing_, {}).size();
            return refused(name_ + ": the host did not take the last " + std::to_string(left) +
                           " bytes in the time given");
        }
        HALLMARK_CHECK(flush());
    }
    return {};
}

Result<bool> FramedPort::receive(guest_port::Frame& frame, Deadline deadline) {
    for (;;) {
        const auto whole = decoder_.next(frame);
        if (!whole) return std::unexpected(whole.error().at(name_));
        if (*whole) return true;
        HALLMARK_TRY(const bool filled, fill());
        if (!filled && !wait(POLLIN, deadline)) return false;
    }
}

Status FramedPort::discard() {
    for (std::size_t rounds = kMostDiscarded / kReadSize; rounds > 0; --rounds) {
        decoder_ = {};
        HALLMARK_TRY(const bool filled, fill());
        if (!filled) return {};
    }
    return refused(name_ + ": the host sends without end");
}

Result<bool> FramedPort::fill() {
    std::array<std::uint8_t, kReadSize> block;
    const auto count = ::read(file_.get(), block.data(), block.size());
    if (count > 0) {
        decoder_.add(ByteSpan(block).first(static_cast<std::size_t>(count)));
        return true;
    }
    if (count < 0 && errno != EAGAIN && errno != EINTR) return std::unexpected(system_error(name_, Fault::kNo));
    // The host went away: the rest of a frame it had begun will never come.
    if (count == 0) decoder_ = {};
    return false;
}

bool FramedPort::wait(short events, Deadline deadline) const {
    const int limit = remaining_ms(deadline);
    if (limit == 0) return false;
    pollfd port{.fd = file_.get(), .events = events, .revents = 0};
    const int count = ::poll(&port, 1, limit);
    // poll(2) returns at once for a port without a host, so it can't be what waits for the host to come back.
    if (count > 0 && (port.revents & POLLHUP) != 0) ::poll(nullptr, 0, std::min(limit, kReconnectMs));
    return true;
}

}  // namespace hallmark::guest
