// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/guest.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace hallmark::boot {
namespace {

/// The first line that is not a warning, else the last one, of what QEMU wrote on its standard error.
std::string complaint(const FileDescriptor& errors) {
    std::array<char, 16 * 1024> block;
    const auto count = ::pread(errors.get(), block.data(), block.size(), 0);
    if (count <= 0) return "";
    std::string_view rest(block.data(), static_cast<std::size_t>(count));
    std::string_view last;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const auto line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (line.empty()) continue;
        last = line;
        if (line.find("warning:") == std::string_view::npos) break;
    }
    return ": " + std::string(last);
}

}  // namespace

Status FramedPort::send(const guest_port::Frame& frame, Deadline deadline) {
    const Bytes bytes = guest_port::encode(frame);
    ByteSpan rest(bytes);
    while (!rest.empty()) {
        pollfd wait{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
        if (::poll(&wait, 1, milliseconds_until(deadline)) == 0)
            return refused("the guest does not read from its port");
        const auto sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (sent < 0) return std::unexpected(system_error("guest port", Fault::kNo));
        rest = rest.subspan(static_cast<std::size_t>(sent));
    }
    return {};
}

Status FramedPort::receive() {
    std::array<std::uint8_t, 16 * 1024> block;
    while (!closed_) {
        const auto count = ::recv(socket_.get(), block.data(), block.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        if (count <= 0)
            closed_ = true;
        else
            decoder_.add(ByteSpan(block).first(static_cast<std::size_t>(count)));
    }
    if (closed_) socket_.reset();
    return {};
}

Result<std::optional<guest_port::Frame>> FramedPort::next() {
    guest_port::Frame frame;
    auto whole = decoder_.next(frame);
    // What comes from the guest is not the user's input: a malformed frame is the answer no.
    if (!whole) return refused(whole.error().message);
    if (!*whole) return std::nullopt;
    return frame;
}

Result<Channels> Channels::make() {
    Channels channels;
    for (auto* pair : {&channels.qmp, &channels.console, &channels.firmware, &channels.tee, &channels.control}) {
        HALLMARK_TRY(*pair, SocketPair::make());
    }
    return channels;
}

void Channels::add_to(QemuCommand& command, bool with_tee) const {
    const auto port = [](std::string_view chardev, std::string_view name) {
        return "virtserialport,chardev=" + std::string(chardev) + ",name=" + std::string(name);
    };
    command.add("-chardev", qmp.chardev("qmp"))
        .add("-object", "monitor-qmp,id=monitor,chardev=qmp")
        .add("-chardev", firmware.chardev("firmware"))
        .add("-serial", "chardev:firmware")
        .add("-device", "virtio-serial-pci")
        .add("-chardev", console.chardev("console"))
        .add("-device", "virtconsole,chardev=console")
        .add("-chardev", control.chardev("control"))
        .add("-device", port("control", guest_port::kControlPort));
    if (with_tee) command.add("-chardev", tee.chardev("tee")).add("-device", port("tee", guest_port::kTeePort));
}

std::vector<int> Channels::inherited() const {
    return {qmp.theirs.get(), console.theirs.get(), firmware.theirs.get(), tee.theirs.get(), control.theirs.get()};
}

Guest::Guest(Process process, Qmp qmp, Channels channels, FileDescriptor console_file)
    : process_(std::move(process)),
      qmp_(std::move(qmp)),
      tee_(std::move(channels.tee.ours)),
      control_(std::move(channels.control.ours)),
      console_socket_(std::move(channels.console.ours)),
      firmware_socket_(std::move(channels.firmware.ours)),
      console_(std::move(console_file)) {}

Result<Guest> Guest::start(const QemuCommand& command, Channels channels, std::vector<int> inherited,
                           FileDescriptor console_file, Deadline deadline) {
    for (const int fd : channels.inherited()) inherited.push_back(fd);
    HALLMARK_TRY(const FileDescriptor errors, make_memory_file("errors", 0));
    HALLMARK_TRY(Process process, Process::start(command.argv(), inherited, errors));
    // Our copies of QEMU's ends, so that its end shows as the end of the stream.
    for (auto* pair : {&channels.qmp, &channels.console, &channels.firmware, &channels.tee, &channels.control})
        pair->theirs.reset();
    auto qmp = Qmp::connect(std::move(channels.qmp.ours), deadline);
    if (!qmp) return refused(command.argv()[0] + " does not start" + complaint(errors));
    return Guest(std::move(process), std::move(*qmp), std::move(channels), std::move(console_file));
}

Status Guest::wait(Deadline deadline) {
    // poll ignores negative descriptors: a channel that was closed no longer wakes us.
    std::array<pollfd, 5> waits{{{.fd = qmp_open_ ? qmp_.descriptor() : -1, .events = POLLIN, .revents = 0},
                                 {.fd = console_socket_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = firmware_socket_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = tee_.descriptor(), .events = POLLIN, .revents = 0},
                                 {.fd = control_.descriptor(), .events = POLLIN, .revents = 0}}};
    if (!qmp_.events().empty()) deadline = Clock::now();
    if (::poll(waits.data(), waits.size(), milliseconds_until(deadline)) < 0 && errno != EINTR)
        return std::unexpected(system_error("poll"));
    if (console_socket_.valid() && !console_.receive(console_socket_.get())) console_socket_.reset();
    if (firmware_socket_.valid() && !firmware_.receive(firmware_socket_.get())) firmware_socket_.reset();
    HALLMARK_CHECK(tee_.receive());
    HALLMARK_CHECK(control_.receive());
    if (qmp_open_) {
        HALLMARK_TRY(qmp_open_, qmp_.receive());
    }
    return {};
}

Result<std::optional<ShutdownReason>> Guest::shutdown() {
    while (!qmp_.events().empty()) {
        const Json event = std::move(qmp_.events().front());
        qmp_.events().pop_front();
        if (event["event"] != "SHUTDOWN") continue;
        shutdown_ = event.contains("/data/reason"_json_pointer) ? event["/data/reason"_json_pointer].dump() : "unknown";
        std::erase(*shutdown_, '"');
    }
    if (!shutdown_ && !qmp_open_) shutdown_ = "qemu ended";
    return shutdown_;
}

Result<std::vector<Registers>> Guest::registers(Deadline deadline) {
    HALLMARK_TRY(const std::string text, qmp_.human("info registers -a", deadline));
    return parse_registers(text);
}

void Guest::type(Deadline deadline) {
    constexpr std::string_view kLines = "\x1b\r\nroot\r\nid; echo shell-$((6*7))\r\n";
    for (const auto* socket : {&console_socket_, &firmware_socket_})
        if (socket->valid())
            static_cast<void>(::send(socket->get(), kLines.data(), kLines.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    for (const auto* key : {"esc", "ret", "f2", "ctrl-alt-f2", "sysrq-b", "alt-sysrq-b"})
        static_cast<void>(qmp_.human("sendkey " + std::string(key), deadline));
}

void Guest::end(Deadline deadline) {
    if (!process_.wait(deadline)) process_.kill();
}

}  // namespace hallmark::boot
