// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "agent/ttrpc/envelope.hpp"
#include "agent/ttrpc/frame.hpp"
#include "agent/ttrpc/server.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/ttrpc_echo.hpp"

namespace hallmark::test {

inline const ttrpc::Users kMe = {::geteuid()};

/// A server of the echo methods on a thread of its own.
class RunningServer {
public:
    explicit RunningServer(ttrpc::Limits limits = {}, ttrpc::Users users = kMe) : stop_(::eventfd(0, EFD_CLOEXEC)) {
        auto server = ttrpc::Server::listen(path(), echo_methods(), std::move(users), limits);
        if (!server) {
            ADD_FAILURE() << server.error().message;
            return;
        }
        thread_ =
            std::thread([server = *std::move(server), stop = stop_.get()]() mutable { EXPECT_TRUE(server.run(stop)); });
    }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;
    ~RunningServer() { stop(); }

    [[nodiscard]] std::string path() const { return (folder_.path() / "echo.sock").string(); }
    void stop() {
        if (!thread_.joinable()) return;
        EXPECT_EQ(::eventfd_write(stop_.get(), 1), 0);
        thread_.join();
    }

private:
    TemporaryFolder folder_;
    FileDescriptor stop_;
    std::thread thread_;
};

/// A caller that sends what it likes.
class RawCaller {
public:
    explicit RawCaller(const std::string& path) {
        auto socket = ttrpc::connect_to(path, kMe, in(std::chrono::seconds(5)));
        if (socket) socket_ = *std::move(socket);
        EXPECT_TRUE(socket_.valid());
    }

    void send(ByteSpan bytes) const {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            ASSERT_GT(sent, 0);
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
    }
    void call(std::uint32_t stream, std::string_view method, std::string_view payload) const {
        send(ttrpc::request_frame(stream, "test.Echo", method, as_bytes(payload), {}));
    }
    /// The next frame; nothing where the server has closed the connection. Fails the test after ten seconds.
    std::optional<ttrpc::Frame> receive() {
        for (;;) {
            pollfd file{.fd = socket_.get(), .events = POLLIN, .revents = 0};
            if (::poll(&file, 1, 10'000) != 1) {
                ADD_FAILURE() << "the server sends nothing";
                return std::nullopt;
            }
            const auto room = decoder_.room();
            const auto got = ::recv(socket_.get(), room.data(), room.size(), 0);
            if (got <= 0) return std::nullopt;
            if (auto frame = decoder_.filled(static_cast<std::size_t>(got))) return frame;
        }
    }
    /// What the next frame says.
    ttrpc::Answer answer() {
        const auto frame = receive();
        if (!frame) return ttrpc::failure(ttrpc::Code::kUnavailable, "closed");
        EXPECT_EQ(frame->type, ttrpc::Type::kResponse);
        last_stream = frame->stream;
        return ttrpc::decode_response(frame->data.bytes());
    }
    std::uint32_t last_stream = 0;

private:
    FileDescriptor socket_;
    ttrpc::FrameDecoder decoder_;
};

inline std::string text(const ttrpc::Answer& answer) {
    if (!answer)
        return "failure " + std::to_string(static_cast<int>(answer.error().code)) + ": " + answer.error().message;
    return {answer->bytes().begin(), answer->bytes().end()};
}

/// The answer is a failure with this code, whose message has these words.
inline void expect_failure(const ttrpc::Answer& answer, ttrpc::Code code, std::string_view words) {
    ASSERT_FALSE(answer) << "was answered";
    EXPECT_EQ(answer.error().code, code) << answer.error().message;
    EXPECT_NE(answer.error().message.find(words), std::string::npos) << answer.error().message << " lacks " << words;
}

}  // namespace hallmark::test
