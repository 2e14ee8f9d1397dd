// SPDX-License-Identifier: Apache-2.0
// The server, over loopback with a client that sends what it likes.
#include "relying-party/broker/server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/deadline.hpp"
#include "common/descriptor.hpp"
#include "common/digest.hpp"
#include "common/hex.hpp"
#include "common/openssl.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::broker {
namespace {

using std::chrono::milliseconds;

class Client {
public:
    explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        connected_ = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return connected_;
    }
    /// Until the server closes.
    std::string read_all() {
        std::string all;
        for (char block[4096];;) {
            const auto count = ::recv(socket_.get(), block, sizeof block, 0);
            if (count <= 0) return all;
            all.append(block, static_cast<std::size_t>(count));
        }
    }
    [[nodiscard]] int descriptor() const { return socket_.get(); }
    [[nodiscard]] bool has_answer() const {
        char first = 0;
        return ::recv(socket_.get(), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
    }
    /// Until this stands in it.
    std::string read_until(std::string_view end) {
        std::string all;
        for (char c = 0; all.find(end) == std::string::npos && ::recv(socket_.get(), &c, 1, 0) == 1;) all += c;
        return all;
    }

private:
    FileDescriptor socket_;
    bool connected_ = false;
};

/// The same with TLS, which trusts whoever it meets.
class TlsClient {
public:
    explicit TlsClient(std::uint16_t port)
        : client_(port), context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_.get())) {
        connected_ = SSL_set_fd(ssl_.get(), client_.descriptor()) == 1 && SSL_connect(ssl_.get()) == 1;
    }
    bool send(std::string_view bytes) {
        return connected_ && SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
    }
    /// Until the server closes; `ended` where it said so before.
    std::string read_all() {
        std::string all;
        for (char block[4096];;) {
            const int count = SSL_read(ssl_.get(), block, sizeof block);
            if (count <= 0) {
                ended_ = SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN;
                return all;
            }
            all.append(block, static_cast<std::size_t>(count));
        }
    }
    [[nodiscard]] bool ended() const { return ended_; }
    /// Of the server's certificate.
    [[nodiscard]] std::string fingerprint() const {
        const openssl::Certificate certificate(SSL_get1_peer_certificate(ssl_.get()));
        unsigned char* der = nullptr;
        const int size = certificate ? i2d_X509(certificate.get(), &der) : 0;
        if (size <= 0) return "";
        auto text = to_hex(sha256(ByteSpan(der, static_cast<std::size_t>(size))));
        OPENSSL_free(der);
        return text;
    }

private:
    Client client_;
    openssl::Owned<SSL_CTX, SSL_CTX_free> context_;
    openssl::Owned<SSL, SSL_free> ssl_;
    bool connected_ = false;
    bool ended_ = false;
};

class HttpServer : public ::testing::Test {
protected:
    ServerLimits limits;
    std::string certificate;               // its name; empty: no TLS
    std::atomic<std::size_t> padding = 0;  // of every answer
    std::atomic<int> hangups = 0;
    std::atomic<int> handled = 0;
    std::atomic<int> pause_ms = 0;

    std::uint16_t start() {
        ServerOptions options{.port = 0, .tls = {}, .limits = limits, .on_hangup = [this] { ++hangups; }};
        if (!certificate.empty()) options.tls = identity(certificate);
        auto started = Server::start(options, [this](const Request& request) {
            ++handled;
            std::this_thread::sleep_for(milliseconds(pause_ms));
            return Response{.body = std::string(padding, '.') + std::string(request.method) + " " +
                                    std::string(request.target) + " [" + std::string(request.cookie) + "] " +
                                    std::to_string(request.body.size()) + " " + std::string(request.client)};
        });
        EXPECT_TRUE(started);
        server_ = std::move(*started);
        thread_ = std::jthread([this] { server_->run(); });
        return server_->port();
    }
    void stop() {
        if (!server_) return;
        server_->stop();
        thread_.join();
        server_.reset();
    }
    void TearDown() override { stop(); }
    Server& server() { return *server_; }
    /// A certificate of its own for each name, made once.
    TlsIdentity identity(const std::string& name) {
        std::filesystem::create_directory(file(name, ""));
        auto made = own_tls_identity(file(name, ""), {name});
        EXPECT_TRUE(made);
        return std::move(*made);
    }
    std::filesystem::path file(const std::string& name, const std::string& of) { return folder_.path() / name / of; }
    template <class Condition>
    static bool soon(const Condition& condition) {
        const auto deadline = in(milliseconds(5000));
        // Asked once more after it held, what is a request of its own could find the place taken again.
        while (!condition()) {
            if (Clock::now() >= deadline) return false;
            std::this_thread::sleep_for(milliseconds(5));
        }
        return true;
    }

    static std::string talk(std::uint16_t port, std::string_view bytes) {
        Client client(port);
        (void)client.send(bytes);
        return client.read_all();
    }
    static std::string status_of(const std::string& response) { return response.substr(0, 12); }

private:
    test::TemporaryFolder folder_;
    std::unique_ptr<Server> server_;
    std::jthread thread_;
};

constexpr std::string_view kClose = "Host: x\r\nConnection: close\r\n";

TEST_F(HttpServer, AnswersAndKeepsTheConnection) {
    Client client(start());
    ASSERT_TRUE(client.send("GET /a HTTP/1.1\r\nHost: x\r\nCookie: k=v\r\n\r\n"));
    EXPECT_NE(client.read_until("127.0.0.1").find("GET /a [k=v] 0 127.0.0.1"), std::string::npos);
    ASSERT_TRUE(client.send("POST /b HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"));
    const auto second = client.read_all();
    EXPECT_EQ(status_of(second), "HTTP/1.1 200") << second;
    EXPECT_NE(second.find("POST /b [] 3"), std::string::npos);
    EXPECT_NE(second.find("Cache-Control: no-store"), std::string::npos);
}

TEST_F(HttpServer, RefusesWhatIsTooLargeBeforeItIsThere) {
    limits.body_bytes = 1000;
    limits.head_bytes = 2000;
    const auto port = start();
    const std::string close(kClose);
    EXPECT_EQ(status_of(talk(port, "POST / HTTP/1.1\r\n" + close + "Content-Length: 1001\r\n\r\n")), "HTTP/1.1 413");
    // Though it sends all of it.
    EXPECT_EQ(
        status_of(talk(port, "POST / HTTP/1.1\r\n" + close + "Content-Length: 5000\r\n\r\n" + std::string(5000, 'x'))),
        "HTTP/1.1 413");
    EXPECT_EQ(status_of(talk(port, "POST / HTTP/1.1\r\n" + close + "Content-Length: 99999999999999999999\r\n\r\n")),
              "HTTP/1.1 400");
    EXPECT_EQ(status_of(talk(port, "GET / HTTP/1.1\r\n" + close + "X: " + std::string(2000, 'x') + "\r\n\r\n")),
              "HTTP/1.1 431");
    EXPECT_EQ(handled, 0);
    const auto most =
        talk(port, "POST / HTTP/1.1\r\n" + close + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
    EXPECT_EQ(status_of(most), "HTTP/1.1 200");
}

TEST_F(HttpServer, RefusesWhatIsNotHttpAndWhatTwoReadersReadInTwoWays) {
    const auto port = start();
    const std::string close(kClose);
    for (const std::string& request : {
             std::string("\x16\x03\x01 hello\r\n\r\n"),
             "GET / HTTP/1.1\r\n" + close + "Cookie: a=b\r\nCookie: c=d\r\n\r\n",
             "GET / HTTP/1.1\r\n" + close + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
             "POST / HTTP/1.1\r\n" + close + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
             "POST / HTTP/1.1\r\n" + close + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\n" + close + "Content-Length: -1\r\n\r\n",
             "GET /\x01 HTTP/1.1\r\n" + close + "\r\n",
         })
        EXPECT_EQ(status_of(talk(port, request)), "HTTP/1.1 400") << request;
    for (const std::string& request : {
             std::string("POST / HTTP/1.1\r\n") + close + "\r\n",
             "POST / HTTP/1.1\r\n" + close + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         })
        EXPECT_EQ(status_of(talk(port, request)), "HTTP/1.1 411") << request;
    EXPECT_EQ(handled, 0);
}

TEST_F(HttpServer, ASlowClientIsLeft) {
    limits.head = milliseconds(300);
    limits.body = milliseconds(300);
    const auto port = start();
    for (const std::string begin : {"", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n"}) {
        Client client(port);
        ASSERT_TRUE(client.send(begin));
        std::jthread trickle([&](const std::stop_token& stopped) {
            while (!stopped.stop_requested()) {
                if (!client.send("x")) return;
                std::this_thread::sleep_for(milliseconds(50));
            }
        });
        const auto begun = Clock::now();
        EXPECT_EQ(client.read_all(), "");
        EXPECT_LT(Clock::now() - begun, milliseconds(3000)) << begin;
    }
    EXPECT_EQ(handled, 0);
}

TEST_F(HttpServer, AnAnswerThatNobodyTakesIsLeft) {
    constexpr std::size_t kMoreThanSocketsHold = std::size_t{32} * 1024 * 1024;
    limits.answer = milliseconds(300);
    limits.connections_of_one_network = 1;
    padding = kMoreThanSocketsHold;
    const auto leaves = [&](auto slow, const auto& again) {
        ASSERT_TRUE(slow.send("GET /a HTTP/1.1\r\n\r\n"));
        ASSERT_TRUE(soon([this] { return handled == 1; }));
        padding = 0;
        // The one place is free again, though the slow one still holds its end.
        EXPECT_TRUE(soon(again));
        EXPECT_LT(slow.read_all().size(), kMoreThanSocketsHold);
    };
    const auto port = start();
    leaves(Client(port), [&] {
        return talk(port, "GET /b HTTP/1.1\r\nConnection: close\r\n\r\n").find("GET /b") != std::string::npos;
    });
    stop();
    certificate = "a";
    handled = 0;
    padding = kMoreThanSocketsHold;
    const auto secure = start();
    leaves(TlsClient(secure), [&] {
        TlsClient next(secure);
        return next.send("GET /b HTTP/1.1\r\nConnection: close\r\n\r\n") &&
               next.read_all().find("GET /b") != std::string::npos;
    });
}

TEST_F(HttpServer, TlsCarriesLargeRequestsAndAnswers) {
    certificate = "a";
    padding = std::size_t{5} * 1024 * 1024;
    TlsClient client(start());
    const std::string body(limits.body_bytes, 'x');
    ASSERT_TRUE(client.send("POST /b HTTP/1.1\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                            "\r\n\r\n"));
    ASSERT_TRUE(client.send(body));
    const auto answer = client.read_all();
    EXPECT_EQ(status_of(answer), "HTTP/1.1 200");
    EXPECT_NE(answer.find("POST /b [] " + std::to_string(body.size())), std::string::npos);
    EXPECT_GT(answer.size(), padding);
    EXPECT_TRUE(client.ended());
}

TEST_F(HttpServer, ASlowTlsClientIsLeft) {
    certificate = "a";
    limits.handshake = milliseconds(300);
    limits.head = milliseconds(300);
    const auto port = start();
    Client silent(port);
    EXPECT_EQ(silent.read_all(), "");
    TlsClient idle(port);
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_EQ(handled, 0);
}

TEST_F(HttpServer, WhoClosesEarlyEndsNothingElse) {
    certificate = "a";
    padding = std::size_t{5} * 1024 * 1024;
    const auto port = start();
    for (int i = 0; i < 20; ++i) {
        TlsClient client(port);
        ASSERT_TRUE(client.send("GET /a HTTP/1.1\r\n\r\n"));
    }
    EXPECT_TRUE(soon([this] { return handled == 20; }));
    padding = 0;
    TlsClient last(port);
    ASSERT_TRUE(last.send("GET /last HTTP/1.1\r\nConnection: close\r\n\r\n"));
    EXPECT_NE(last.read_all().find("GET /last"), std::string::npos);
}

TEST_F(HttpServer, AnotherCertificateIsShownToWhoComesLater) {
    const auto first = identity("first");
    const auto second = identity("second");
    certificate = "first";
    const auto port = start();
    TlsClient early(port);
    EXPECT_EQ(early.fingerprint(), first.fingerprint);
    ASSERT_TRUE(server().show(second));
    const auto mixed = read_tls_identity(file("first", "tls.crt"), file("second", "tls.key"));
    ASSERT_TRUE(mixed);
    EXPECT_FALSE(server().show(*mixed));
    EXPECT_EQ(TlsClient(port).fingerprint(), second.fingerprint);
    ASSERT_TRUE(early.send("GET /early HTTP/1.1\r\nConnection: close\r\n\r\n"));
    EXPECT_NE(early.read_all().find("GET /early"), std::string::npos);
}

TEST_F(HttpServer, AHangupIsHeardAndEndsNothing) {
    const auto port = start();
    for (int i = 1; i <= 3; ++i) {
        ASSERT_EQ(::kill(::getpid(), SIGHUP), 0);
        EXPECT_TRUE(soon([&] { return hangups == i; }));
    }
    EXPECT_EQ(status_of(talk(port, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")), "HTTP/1.1 200");
}

TEST_F(HttpServer, FilesEnoughMayBeOpen) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    start();
    rlimit now{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
    EXPECT_GT(now.rlim_cur, std::min<rlim_t>(limits.connections, before.rlim_max - 1));
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST_F(HttpServer, ConnectionsAreCounted) {
    limits.connections_of_one_network = 4;
    const auto port = start();
    {
        std::vector<Client> idle;
        for (int i = 0; i < 4; ++i) {
            idle.emplace_back(port);
            ASSERT_TRUE(idle.back().send("GET / HTTP/1.1\r\n\r\n"));
            ASSERT_NE(idle.back().read_until("127.0.0.1"), "");
        }
        EXPECT_EQ(talk(port, "GET / HTTP/1.1\r\n\r\n"), "");
    }
    const auto deadline = in(milliseconds(5000));
    std::string answer;
    while (answer.empty() && Clock::now() < deadline)
        answer = talk(port, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status_of(answer), "HTTP/1.1 200");
}

TEST_F(HttpServer, BodiesInMemoryAreCounted) {
    limits.body_bytes = 1000;
    limits.all_bodies_bytes = 1500;
    const auto port = start();
    const auto deadline = in(milliseconds(5000));
    std::unique_ptr<Client> first;
    std::string answer;
    while (status_of(answer) != "HTTP/1.1 503" && Clock::now() < deadline) {
        // The first may meet the second, and be refused itself.
        if (!first || first->has_answer()) {
            first = std::make_unique<Client>(port);
            ASSERT_TRUE(first->send("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1000\r\n\r\nx"));
        }
        answer =
            talk(port, "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 900\r\n\r\n" + std::string(900, 'x'));
    }
    EXPECT_EQ(status_of(answer), "HTTP/1.1 503");
    ASSERT_TRUE(first->send(std::string(999, 'x')));
    EXPECT_EQ(status_of(first->read_all()), "HTTP/1.1 200");
    EXPECT_EQ(status_of(talk(port, "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")),
              "HTTP/1.1 200");
}

TEST_F(HttpServer, StopsAfterTheRequestsThatAreUnderWay) {
    pause_ms = 300;
    Client client(start());
    ASSERT_TRUE(client.send("GET /last HTTP/1.1\r\n\r\n"));
    const auto deadline = in(milliseconds(5000));
    while (handled == 0 && Clock::now() < deadline) std::this_thread::sleep_for(milliseconds(5));
    stop();
    EXPECT_NE(client.read_all().find("GET /last"), std::string::npos);
}

TEST(Server, AnAddressThatCanNotBeHadIsAnError) {
    const auto handler = [](const Request&) { return Response{}; };
    for (const std::string address : {"localhost", "", "256.0.0.1", "192.0.2.1"}) {
        const auto started =
            Server::start({.address = address, .port = 0, .tls = {}, .limits = {}, .on_hangup = {}}, handler);
        ASSERT_FALSE(started) << address;
        EXPECT_EQ(started.error().fault, Fault::kBadInput);
    }
}

}  // namespace
}  // namespace hallmark::broker
