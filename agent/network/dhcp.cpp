// SPDX-License-Identifier: Apache-2.0
#include "agent/network/dhcp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "common/descriptor.hpp"

namespace hallmark::guest::dhcp {
namespace {

/// A question is asked again after this long, and then after twice as long (section 4.1 has longer ones, for networks
/// of 1997).
constexpr std::chrono::milliseconds kFirstWait{500};
constexpr std::chrono::milliseconds kLongestWait{4000};

Result<FileDescriptor> open_socket(const std::string& interface) {
    FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    sockaddr_in client{};
    client.sin_family = AF_INET;
    client.sin_port = htons(kClientPort);
    // The card may have no address yet: nothing but its name leads there.
    if (!socket.valid() || ::setsockopt(socket.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0 ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                     static_cast<socklen_t>(interface.size())) != 0 ||
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&client), sizeof client) != 0)
        return std::unexpected(system_error("DHCP on " + interface, Fault::kNo));
    return socket;
}

Status send(const FileDescriptor& socket, const Question& question) {
    const Bytes message = encode(question);
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(kServerPort);
    server.sin_addr.s_addr = htonl(INADDR_BROADCAST);
    if (::sendto(socket.get(), message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&server),
                 sizeof server) == static_cast<ssize_t>(message.size()))
        return {};
    return std::unexpected(system_error("DHCP", Fault::kNo));
}

/// The first good answer; none at the deadline.
std::optional<Answer> receive(const FileDescriptor& socket, const Question& question, Deadline deadline) {
    for (;;) {
        pollfd file{.fd = socket.get(), .events = POLLIN, .revents = 0};
        const int left = remaining_ms(deadline);
        if (left == 0) return std::nullopt;
        if (::poll(&file, 1, left) <= 0) continue;
        std::array<std::uint8_t, kLargest> message{};
        const auto size = ::recv(socket.get(), message.data(), message.size(), 0);
        if (size < 0) continue;
        if (auto answer = parse(ByteSpan(message).first(static_cast<std::size_t>(size)), question)) return *answer;
    }
}

/// Asks until there is an answer.
Result<Answer> ask(const FileDescriptor& socket, const Question& question, Deadline deadline) {
    for (auto wait = kFirstWait; remaining_ms(deadline) > 0; wait = std::min(wait * 2, kLongestWait)) {
        HALLMARK_CHECK(send(socket, question));
        if (auto answer = receive(socket, question, std::min(after(wait), deadline))) return std::move(*answer);
    }
    return refused("no DHCP server answers");
}

}  // namespace

Result<Answer> obtain(const std::string& interface, const Hardware& hardware, Deadline deadline) {
    HALLMARK_TRY(const FileDescriptor socket, open_socket(interface));
    Question question{.transaction = 0, .hardware = hardware};
    if (::getrandom(&question.transaction, sizeof question.transaction, 0) != sizeof question.transaction)
        return std::unexpected(system_error("random numbers", Fault::kNo));
    HALLMARK_TRY(const Answer offer, ask(socket, question, deadline));
    Ipv4 address{};
    std::ranges::copy(offer.subnet.address.span(), address.begin());
    question.offered = {.address = address, .server = offer.server};
    HALLMARK_TRY(Answer answer, ask(socket, question, deadline));
    if (answer.kind == Kind::kNak)
        return refused("the DHCP server " + offer.subnet.address.text() + " takes its offer back");
    return answer;
}

}  // namespace hallmark::guest::dhcp
