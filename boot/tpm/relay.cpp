// SPDX-License-Identifier: Apache-2.0
#include "boot/tpm/relay.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "boot/tpm/commands.hpp"
#include "common/socket_pair.hpp"

namespace hallmark::boot::tpm {
namespace {

using namespace std::chrono_literals;

constexpr auto kTpmAnswers = 10s;

Error closed() { return {Fault::kNo, "TPM: the connection was closed"}; }

bool readable(const FileDescriptor& socket, Deadline deadline) {
    pollfd wait{.fd = socket.get(), .events = POLLIN, .revents = 0};
    return ::poll(&wait, 1, milliseconds_until(deadline)) > 0;
}

Status write_all(const FileDescriptor& socket, ByteSpan bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return std::unexpected(system_error("TPM", Fault::kNo));
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return {};
}

Status read_all(const FileDescriptor& socket, std::span<std::uint8_t> into, Deadline deadline) {
    while (!into.empty()) {
        if (!readable(socket, deadline)) return refused("TPM: no answer within the time limit");
        // It blocks under the relay's lock, which keeps one command's answer from another's; readable() has a limit.
        const auto count = ::recv(socket.get(), into.data(), into.size(), 0);  // NOLINT(clang-analyzer-unix.*)
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::unexpected(closed());
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

/// A whole command or response: its header says how long it is.
Result<Bytes> read_message(const FileDescriptor& socket, Deadline deadline) {
    Bytes message(sizeof(Header));
    HALLMARK_CHECK(read_all(socket, message, deadline));
    Header header;
    std::memcpy(&header, message.data(), sizeof header);
    const std::uint32_t size = header.size;
    if (size < sizeof header || size > kLargestMessage)
        return refused("TPM: a message of " + std::to_string(size) + " bytes, expected 10 to 4096");
    message.resize(size);
    HALLMARK_CHECK(read_all(socket, std::span(message).subspan(sizeof header), deadline));
    return message;
}

/// Bytes of a control channel, and the descriptor that came with them.
struct ControlMessage {
    Bytes bytes;
    FileDescriptor passed;
};

union PassedDescriptor {
    cmsghdr header;  // for its alignment
    std::array<char, CMSG_SPACE(sizeof(int))> space;
};

Result<ControlMessage> receive_control(const FileDescriptor& socket) {
    ControlMessage message;
    message.bytes.resize(kLargestMessage);
    PassedDescriptor passed{};
    iovec part{.iov_base = message.bytes.data(), .iov_len = message.bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = passed.space.data();
    header.msg_controllen = passed.space.size();
    const auto count = ::recvmsg(socket.get(), &header, MSG_CMSG_CLOEXEC);
    if (count <= 0) return std::unexpected(closed());
    message.bytes.resize(static_cast<std::size_t>(count));
    const cmsghdr* extra = CMSG_FIRSTHDR(&header);
    if (extra != nullptr && extra->cmsg_type == SCM_RIGHTS) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(extra), sizeof fd);
        message.passed = FileDescriptor(fd);
    }
    return message;
}

/// Sends bytes with a descriptor.
Status send_control(const FileDescriptor& socket, Bytes bytes, const FileDescriptor& passing) {
    PassedDescriptor passed{};
    iovec part{.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = passed.space.data();
    header.msg_controllen = passed.space.size();
    cmsghdr* extra = CMSG_FIRSTHDR(&header);
    extra->cmsg_level = SOL_SOCKET;
    extra->cmsg_type = SCM_RIGHTS;
    extra->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = passing.get();
    std::memcpy(CMSG_DATA(extra), &fd, sizeof fd);
    if (::sendmsg(socket.get(), &header, MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
        return std::unexpected(system_error("TPM", Fault::kNo));
    return {};
}

}  // namespace

Result<std::unique_ptr<Relay>> Relay::start(FileDescriptor qemu, FileDescriptor swtpm) {
    FileDescriptor wake(::eventfd(0, EFD_CLOEXEC));
    if (!wake.valid()) return std::unexpected(system_error("eventfd"));
    return std::unique_ptr<Relay>(new Relay(std::move(qemu), std::move(swtpm), std::move(wake)));
}

Relay::Relay(FileDescriptor qemu, FileDescriptor swtpm, FileDescriptor wake)
    : qemu_(std::move(qemu)), swtpm_(std::move(swtpm)), wake_(std::move(wake)), thread_([this] { run(); }) {}

Relay::~Relay() {
    // An eventfd whose counter is zero takes a one at once.
    [[maybe_unused]] const int ignored = ::eventfd_write(wake_.get(), 1);
}

void Relay::run() {
    for (;;) {
        std::array<pollfd, 4> wait{{
            {.fd = wake_.get(), .events = POLLIN, .revents = 0},
            {.fd = qemu_.get(), .events = POLLIN, .revents = 0},
            {.fd = swtpm_.get(), .events = POLLIN, .revents = 0},
            {.fd = qemu_data_.get(), .events = POLLIN, .revents = 0},
        }};
        if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return;
        if (wait[0].revents != 0) return;
        // Where either end has gone there is nothing left to carry; whoever asks is told.
        if (wait[1].revents != 0 && !carry_control_from_qemu()) return;
        if (wait[2].revents != 0 && !carry_control_from_swtpm()) return;
        if (wait[3].revents != 0 && !carry_command()) return;
    }
}

Status Relay::carry_control_from_qemu() {
    HALLMARK_TRY(ControlMessage message, receive_control(qemu_));
    if (!message.passed.valid()) return write_all(swtpm_, message.bytes);
    HALLMARK_TRY(SocketPair data, SocketPair::make());
    HALLMARK_CHECK(send_control(swtpm_, std::move(message.bytes), data.theirs));
    const std::lock_guard guard(one_command_);
    qemu_data_ = std::move(message.passed);
    swtpm_data_ = std::move(data.ours);
    return {};
}

Status Relay::carry_control_from_swtpm() {
    HALLMARK_TRY(const ControlMessage message, receive_control(swtpm_));
    return write_all(qemu_, message.bytes);
}

Status Relay::carry_command() {
    const Deadline deadline = in(kTpmAnswers);
    HALLMARK_TRY(const Bytes command, read_message(qemu_data_, deadline));
    HALLMARK_TRY(const Bytes response, ask(command, deadline));
    return write_all(qemu_data_, response);
}

Result<Bytes> Relay::ask(ByteSpan command, Deadline deadline) {
    const std::lock_guard guard(one_command_);
    if (!swtpm_data_.valid()) return refused("TPM: QEMU has not connected to it");
    HALLMARK_CHECK(write_all(swtpm_data_, command));
    return read_message(swtpm_data_, deadline);
}

}  // namespace hallmark::boot::tpm
