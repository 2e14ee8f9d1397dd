// SPDX-License-Identifier: Apache-2.0
// An HTTP server on the loopback interface that gives the answers it was given, in their order, one connection each,
// and then ends. Whoever it waits for has five seconds.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/descriptor.hpp"

namespace hallmark::test {

class LoopbackServer {
public:
    /// Each answer is everything from the status line on.
    explicit LoopbackServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
        listener_ = FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_.get(), 8), 0);
        EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;
    ~LoopbackServer() {
        (void)::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }

    /// "http://127.0.0.1:PORT"
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// Everything that clients sent up to the end of their headers, one for each connection.
    [[nodiscard]] std::vector<std::string> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

    static std::string answer(int status, const std::string& body, const std::string& headers = "") {
        return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + headers +
               "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
    }

private:
    static constexpr int kPatienceMs = 5000;

    static bool is_readable(int fd) {
        pollfd waiting{fd, POLLIN, 0};
        return ::poll(&waiting, 1, kPatienceMs) == 1;
    }

    static std::string read_request(int fd) {
        std::string request;
        char block[4096];
        while (request.find("\r\n\r\n") == std::string::npos && request.size() < 64 * 1024 && is_readable(fd)) {
            const auto count = ::recv(fd, block, sizeof block, 0);
            if (count <= 0) break;
            request.append(block, static_cast<std::size_t>(count));
        }
        return request;
    }

    void serve() {
        for (const auto& answer : answers_) {
            if (!is_readable(listener_.get())) return;
            const FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client.valid()) return;
            std::string request = read_request(client.get());
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(std::move(request));
            }
            for (std::size_t sent = 0; sent < answer.size();) {
                const auto count = ::send(client.get(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
                if (count <= 0) break;
                sent += static_cast<std::size_t>(count);
            }
            (void)::shutdown(client.get(), SHUT_WR);
            // Until the other side has closed, so that it gets all of the answer.
            char rest[256];
            while (is_readable(client.get()) && ::recv(client.get(), rest, sizeof rest, 0) > 0) {
            }
        }
    }

    std::vector<std::string> answers_;
    FileDescriptor listener_;
    unsigned port_ = 0;
    std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

}  // namespace hallmark::test
