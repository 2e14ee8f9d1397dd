// SPDX-License-Identifier: Apache-2.0
#include "agent/rest/server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/deadline.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::rest {
namespace {

class RestServer : public ::testing::Test {
protected:
    void start(Limits limits = {}, Server::Handler handler = nullptr, const std::string& address = "127.0.0.1:0") {
        if (!handler)
            handler = [](const Request& request) {
                const std::string text = request.method + " " + request.path + " " + request.body;
                return Response{.body = Secret(Bytes(text.begin(), text.end()))};
            };
        auto server = Server::listen(address, std::move(handler), limits);
        ASSERT_TRUE(server) << server.error().message;
        port_ = server->port();
        thread_ = std::thread([this, server = std::move(*server)]() mutable { EXPECT_TRUE(server.run(stop_.get())); });
    }
    ~RestServer() override {
        EXPECT_EQ(::eventfd_write(stop_.get(), 1), 0);
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] FileDescriptor connect() const {
        FileDescriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(host_);
        EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        return client;
    }
    /// Everything up to the end of the connection.
    static std::string rest_of(const FileDescriptor& client) {
        std::string text;
        char block[4096];
        for (ssize_t count = 0; (count = ::recv(client.get(), block, sizeof block, 0)) > 0;)
            text.append(block, static_cast<std::size_t>(count));
        return text;
    }
    [[nodiscard]] std::string ask(std::string_view request) const {
        const FileDescriptor client = connect();
        EXPECT_EQ(::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(request.size()));
        return rest_of(client);
    }

    FileDescriptor stop_{::eventfd(0, EFD_CLOEXEC)};
    std::uint16_t port_ = 0;
    in_addr_t host_ = INADDR_LOOPBACK;
    std::thread thread_;
};

constexpr std::string_view kGet = "GET /info HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(RestServer, AnswersOneRequestForEachConnection) {
    start();
    EXPECT_EQ(ask(kGet),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\nCache-Control: no-store\r\n"
              "Connection: close\r\n\r\nGET /info ");
    const std::string twice = std::string(kGet) + std::string(kGet);
    EXPECT_TRUE(ask(twice).ends_with("\r\n\r\nGET /info "));
    EXPECT_TRUE(ask("POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi").ends_with("POST /x hi"));
}

TEST_F(RestServer, SaysWhatIsWrongWithARequest) {
    start();
    EXPECT_TRUE(ask("broken\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(ask("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n").starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(ask("GET / HTTP/1.1\r\nX: " + std::string(2 * kLargestHead, 'x')).starts_with("HTTP/1.1 431 "));
}

TEST_F(RestServer, CutsOffWhoIsSlow) {
    start({.request = std::chrono::milliseconds(50)});
    const auto begin = Clock::now();
    EXPECT_TRUE(ask("GET /info HTTP/1.1\r\n").starts_with("HTTP/1.1 408 "));
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5));
    EXPECT_TRUE(ask(kGet).starts_with("HTTP/1.1 200 "));
}

TEST_F(RestServer, AnswersNoMoreAtOnceThanAllowed) {
    std::atomic<int> now = 0;
    std::atomic<int> most = 0;
    start({.connections = 3}, [&](const Request&) {
        int seen = ++now;
        for (int before = most; before < seen && !most.compare_exchange_weak(before, seen);) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        --now;
        return plain(404);
    });
    std::vector<std::thread> clients;
    std::atomic<int> answered = 0;
    for (int i = 0; i < 12; ++i)
        clients.emplace_back([&] { answered += ask(kGet).starts_with("HTTP/1.1 404 ") ? 1 : 0; });
    for (auto& client : clients) client.join();
    EXPECT_EQ(answered, 12);
    EXPECT_LE(most, 3);
    EXPECT_GE(most, 2);
}

/// An address of this host that is not of the loopback interface.
std::optional<in_addr_t> other_address() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return std::nullopt;
    std::optional<in_addr_t> found;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET || (one->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        found = ntohl(reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr.s_addr);
    }
    ::freeifaddrs(list);
    return found;
}

TEST_F(RestServer, TakesOnlyLoopbackPeers) {
    const auto other = other_address();
    if (!other) GTEST_SKIP() << "this host has only its loopback interface";
    start({}, nullptr, "0.0.0.0:0");
    EXPECT_TRUE(ask(kGet).starts_with("HTTP/1.1 200 "));
    host_ = *other;
    EXPECT_TRUE(ask(kGet).starts_with("HTTP/1.1 403 "));
}

TEST(RestServerAddress, IsAnAddressAndAPort) {
    const auto handler = [](const Request&) { return plain(404); };
    for (const std::string wrong :
         {"", "8006", "127.0.0.1", "localhost:1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "[::1:80"})
        test::expect_error(Server::listen(wrong, handler), {"--bind", "127.0.0.1:8006"});
    const auto first = Server::listen("127.0.0.1:0", handler);
    ASSERT_TRUE(first);
    test::expect_error(Server::listen("127.0.0.1:" + std::to_string(first->port()), handler), {"in use"});
}

}  // namespace
}  // namespace hallmark::rest
