// SPDX-License-Identifier: Apache-2.0
// HTTP and HTTPS around a function that answers requests. Slow, large and many clients meet limits here.
// Source: RFC 9112 (HTTP/1.1), RFC 8446 and RFC 5246 (TLS 1.3 and 1.2).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/result.hpp"
#include "relying-party/broker/http_message.hpp"
#include "relying-party/broker/tls_identity.hpp"

namespace hallmark::broker {

struct ServerLimits {
    std::uint32_t head_bytes = 128 * 1024;
    std::size_t body_bytes = std::size_t{2} * 1024 * 1024;
    /// Of all request bodies that are in memory at once; beyond it a request is answered 503.
    std::size_t all_bodies_bytes = std::size_t{64} * 1024 * 1024;
    std::size_t connections = 1024;  ///< fewer where this process may not open so many files
    std::size_t connections_of_one_network = 256;
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds head{15'000};  ///< also how long a connection may idle
    std::chrono::milliseconds body{30'000};
    std::chrono::milliseconds answer{30'000};  ///< until the client has taken it
    std::chrono::milliseconds closing{2'000};
    std::chrono::milliseconds stop{5'000};  ///< for requests that are under way when the server stops
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;       ///< 0: any that is free
    std::optional<TlsIdentity> tls;  ///< none: plain HTTP
    ServerLimits limits;
    std::function<void()> on_hangup;  ///< called on SIGHUP, one at a time, by a thread that may wait
};

class Server {
public:
    using Handler = std::function<Response(const Request&)>;

    /// Listens; requests are answered from run() on. The handler is called by several threads at once. From here on
    /// signals are the server's: SIGTERM, SIGINT, SIGHUP, and SIGPIPE, which is ignored.
    static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] std::uint16_t port() const;
    /// To connections from now on, of a server that has TLS. From any thread.
    Status show(const TlsIdentity& identity);
    /// Until SIGTERM, SIGINT or stop(); requests that are under way are answered.
    void run();
    /// From any thread.
    void stop();

private:
    class Parts;
    explicit Server(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace hallmark::broker
