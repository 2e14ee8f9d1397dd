// SPDX-License-Identifier: Apache-2.0
#include "agent/rest/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <thread>
#include <vector>

#include "common/deadline.hpp"

namespace hallmark::rest {
namespace {

constexpr int kForbidden = 403;
constexpr int kTimeout = 408;
constexpr std::size_t kBlock = 4096;
constexpr int kBacklog = 64;

/// Either family's; `size` is what bind(2) and accept(2) are told.
struct Address {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] const sockaddr_in& v4() const { return reinterpret_cast<const sockaddr_in&>(storage); }
    [[nodiscard]] const sockaddr_in6& v6() const { return reinterpret_cast<const sockaddr_in6&>(storage); }

    [[nodiscard]] bool is_loopback() const {
        if (storage.ss_family == AF_INET) return ntohl(v4().sin_addr.s_addr) >> 24 == 127;
        const auto& bytes = v6().sin6_addr.s6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&v6().sin6_addr)) return bytes[12] == 127;
        return storage.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6().sin6_addr);
    }
    [[nodiscard]] std::uint16_t port() const {
        return ntohs(storage.ss_family == AF_INET ? v4().sin_port : v6().sin6_port);
    }
};

Result<Address> parse_address(const std::string& text) {
    const auto colon = text.rfind(':');
    const auto wrong = [&] { return bad_input("--bind '" + text + "': expected ADDRESS:PORT, as 127.0.0.1:8006"); };
    if (colon == std::string::npos) return wrong();
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc{} || last != end) return wrong();
    std::string host = text.substr(0, colon);
    Address address;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
        host = host.substr(1, host.size() - 2);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        address.size = sizeof v6;
        if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return wrong();
        return address;
    }
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof v4;
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return wrong();
    return address;
}

bool is_ready(int file, short events, Deadline deadline) {
    pollfd waiting{file, events, 0};
    for (;;) {
        const int count = ::poll(&waiting, 1, milliseconds_until(deadline));
        if (count < 0 && errno == EINTR) continue;
        return count == 1;
    }
}

std::expected<Request, int> read_request(int client, Deadline deadline) {
    RequestParser parser;
    std::array<std::uint8_t, kBlock> block{};
    while (is_ready(client, POLLIN, deadline)) {
        const auto count = ::recv(client, block.data(), block.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count <= 0) return std::unexpected(0);  // gone: nobody hears an answer
        const auto whole = parser.feed(ByteSpan(block).first(static_cast<std::size_t>(count)));
        if (!whole) return std::unexpected(whole.error());
        if (*whole) return parser.take();
    }
    return std::unexpected(kTimeout);
}

bool send_all(int client, ByteSpan bytes, Deadline deadline) {
    while (!bytes.empty()) {
        if (!is_ready(client, POLLOUT, deadline)) return false;
        const auto count = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN && errno != EINTR) return false;
        if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

std::string head_of(const Response& response) {
    return "HTTP/1.1 " + std::to_string(response.status) + (response.status == 200 ? " OK" : " Refused") +
           "\r\nContent-Type: " + std::string(response.type) +
           "\r\nContent-Length: " + std::to_string(response.body.bytes().size()) +
           "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
}

/// Waits for the other side to close, so that nothing it still sends makes the kernel throw the answer away.
void close_gently(int client, Deadline deadline) {
    std::array<std::uint8_t, kBlock> rest{};
    ::shutdown(client, SHUT_WR);
    while (is_ready(client, POLLIN, deadline) && ::recv(client, rest.data(), rest.size(), MSG_DONTWAIT) > 0) {
    }
}

}  // namespace

Result<Server> Server::listen(const std::string& address, Handler handler, Limits limits) {
    HALLMARK_TRY(Address wanted, parse_address(address));
    FileDescriptor listener(::socket(wanted.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (!listener.valid() || ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(listener.get(), wanted.get(), wanted.size) != 0 || ::listen(listener.get(), kBacklog) != 0 ||
        ::getsockname(listener.get(), wanted.get(), &wanted.size) != 0)
        return std::unexpected(system_error(address));
    return Server(std::move(listener), wanted.port(), std::move(handler), limits);
}

Status Server::run(int stop) {
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < limits_.connections; ++i) {
        try {
            threads.emplace_back([this, stop] { work(stop); });
        } catch (const std::system_error&) {
            break;  // as many as the system gives
        }
    }
    work(stop);
    for (auto& thread : threads) thread.join();
    return {};
}

void Server::work(int stop) const {
    for (;;) {
        std::array<pollfd, 2> waiting = {{{stop, POLLIN, 0}, {listener_.get(), POLLIN, 0}}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
        if (waiting[0].revents != 0) return;
        Address peer;
        const FileDescriptor client(::accept4(listener_.get(), peer.get(), &peer.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (client.valid()) serve(client.get(), peer.is_loopback());
    }
}

void Server::serve(int client, bool loopback) const {
    auto request = loopback ? read_request(client, in(limits_.request)) : std::unexpected(kForbidden);
    if (!request && request.error() == 0) return;
    const Response response = request ? handler_(*request) : plain(request.error());
    const Deadline deadline = in(limits_.answer);
    if (send_all(client, as_bytes(head_of(response)), deadline) && send_all(client, response.body.bytes(), deadline))
        close_gently(client, in(limits_.closing));
}

}  // namespace hallmark::rest
