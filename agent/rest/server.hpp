// SPDX-License-Identifier: Apache-2.0
// A small HTTP server for the containers of one guest: one request for each connection, and every step in bounded time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "agent/rest/request.hpp"
#include "agent/rest/router.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::rest {

struct Limits {
    std::size_t connections = 16;               ///< at the same time; further ones wait in the kernel
    std::chrono::milliseconds request{10'000};  ///< until it is whole
    std::chrono::milliseconds answer{10'000};   ///< until it is taken
    std::chrono::milliseconds closing{1'000};
};

class Server {
public:
    /// Called by several threads at once.
    using Handler = std::function<Response(const Request&)>;

    /// `address` as "127.0.0.1:8006" or "[::1]:8006"; port 0 is any that is free.
    static Result<Server> listen(const std::string& address, Handler handler, Limits limits = {});

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Until `stop` is readable; requests that are under way are answered. Peers that are not on the loopback interface
    /// get 403.
    Status run(int stop);

private:
    Server(FileDescriptor listener, std::uint16_t port, Handler handler, Limits limits)
        : listener_(std::move(listener)), port_(port), handler_(std::move(handler)), limits_(limits) {}
    void work(int stop) const;
    void serve(int client, bool loopback) const;

    FileDescriptor listener_;
    std::uint16_t port_;
    Handler handler_;
    Limits limits_;
};

}  // namespace hallmark::rest
