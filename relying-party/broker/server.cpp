// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/server.hpp"

#include <openssl/ssl.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/descriptor.hpp"
#include "common/openssl.hpp"
#include "relying-party/broker/connection.hpp"
#include "relying-party/broker/sessions.hpp"

namespace hallmark::broker {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr milliseconds kAcceptPause{100};
constexpr milliseconds kStopPoll{20};
/// Stores, the log, what is being read or written, and questions to a certificate service.
constexpr rlim_t kOtherDescriptors = 128;

/// Raises this process's limit of open files, or lowers that of connections: they must not take the descriptors without
/// which no release is written down.
Status make_room(std::size_t& connections) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::unexpected(system_error("limit of open files"));
    const rlim_t wanted = connections + kOtherDescriptors;
    if (limit.rlim_cur < wanted) limit.rlim_cur = std::min(wanted, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return std::unexpected(system_error("limit of open files"));
    if (limit.rlim_cur <= kOtherDescriptors)
        return bad_input("limit of open files: found " + std::to_string(limit.rlim_cur) + ", expected more than " +
                         std::to_string(kOtherDescriptors) + "; raise it (ulimit -n)");
    connections = std::min<std::size_t>(connections, limit.rlim_cur - kOtherDescriptors);
    return {};
}

using TlsContext = std::shared_ptr<asio::ssl::context>;

Result<TlsContext> tls_context(const TlsIdentity& identity) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    beast::error_code error;
    context->use_certificate_chain(asio::buffer(identity.certificate.data(), identity.certificate.size()), error);
    if (error) return bad_input("TLS certificate: " + error.message());
    const auto key = identity.key.bytes();
    // Or OpenSSL would ask for one on the terminal.
    context->set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); });
    context->use_private_key(asio::buffer(key.data(), key.size()), asio::ssl::context::pem, error);
    if (error)
        return bad_input("TLS key: " + error.message() + "; it must be the certificate's, in PEM, without a password");
    // Nobody resumes a session: guests come seldom, and what would have to be kept costs memory and forward secrecy.
    SSL_CTX_set_options(
        native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(native, 0);
    // An idle connection keeps no buffers.
    SSL_CTX_set_mode(native,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return std::unexpected(openssl::error("TLS"));
    return context;
}

std::string text_of_address(const tcp::socket& socket) {
    beast::error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    return error ? std::string("unknown") : endpoint.address().to_string();
}

}  // namespace

class Server::Parts {
public:
    Parts(const ServerOptions& options, Handler handler)
        : on_hangup_(options.on_hangup),
          threads_(std::clamp(std::thread::hardware_concurrency(), 1U, 16U)),
          // More than processors: a worker may wait for a certificate service.
          workers_(2 * threads_ + 2),
          acceptor_(control_),
          ends_(control_),
          hangups_(control_),
          timer_(control_) {
        shared_.limits = options.limits;
        shared_.handler = std::move(handler);
        shared_.workers = &workers_;
    }

    Status listen(const ServerOptions& options) {
        HALLMARK_CHECK(make_room(shared_.limits.connections));
        if (options.tls) HALLMARK_CHECK(show(*options.tls));
        const std::string place = options.address + " port " + std::to_string(options.port);
        beast::error_code error;
        const auto address = asio::ip::make_address(options.address, error);
        if (error) return bad_input("address '" + options.address + "': expected an IP address");
        const tcp::endpoint endpoint(address, options.port);
        if (!error) acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
        if (!error) port_ = acceptor_.local_endpoint(error).port();
        for (const int end : {SIGTERM, SIGINT})
            if (!error) ends_.add(end, error);
        if (!error) hangups_.add(SIGHUP, error);
        // OpenSSL writes to sockets that a client may have closed.
        if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return std::unexpected(system_error("SIGPIPE"));
        if (error) return bad_input(place + ": " + error.message());
        return {};
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

    Status show(const TlsIdentity& identity) {
        HALLMARK_TRY(auto context, tls_context(identity));
        const std::lock_guard lock(tls_mutex_);
        tls_ = std::move(context);
        return {};
    }

    void run() {
        ends_.async_wait([this](beast::error_code failed, int) {
            if (!failed) begin_to_stop();
        });
        wait_for_hangup();
        accept();
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < threads_; ++i) others.emplace_back([this] { context_.run(); });
        context_.run();
        others.clear();
        workers_.join();
    }

    void stop() {
        asio::post(control_, [this] { begin_to_stop(); });
    }

private:
    void accept() {
        acceptor_.async_accept(asio::make_strand(context_), [this](beast::error_code error, tcp::socket socket) {
            if (shared_.stopping) return;
            if (error) return accept_later();
            admit(std::move(socket));
            accept();
        });
    }

    void wait_for_hangup() {
        hangups_.async_wait([this](beast::error_code failed, int) {
            if (failed || shared_.stopping) return;
            asio::post(workers_, [this] {
                if (on_hangup_) on_hangup_();
                asio::post(control_, [this] { wait_for_hangup(); });
            });
        });
    }

    TlsContext shown() const {
        const std::lock_guard lock(tls_mutex_);
        return tls_;
    }

    /// Out of descriptors, most likely: they come back.
    void accept_later() {
        timer_.expires_after(kAcceptPause);
        timer_.async_wait([this](beast::error_code) {
            if (!shared_.stopping) accept();
        });
    }

    void admit(tcp::socket socket) {
        auto client = text_of_address(socket);
        auto place = shared_.admit(network_of(client));
        if (!place) return;  // closes it
        beast::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        if (const auto tls = shown())
            begin(TlsStream(std::move(socket), *tls->native_handle()), std::move(place), std::move(client));
        else
            begin(std::move(socket), std::move(place), std::move(client));
    }

    template <class Stream>
    void begin(Stream stream, std::shared_ptr<void> place, std::string client) {
        auto connection =
            std::make_shared<Connection<Stream>>(std::move(stream), shared_, std::move(place), std::move(client));
        asio::dispatch(connection->executor(), [connection] { connection->begin(); });
    }

    void begin_to_stop() {
        if (shared_.stopping.exchange(true)) return;
        beast::error_code ignored;
        acceptor_.close(ignored);
        ends_.cancel(ignored);
        hangups_.cancel(ignored);
        last_moment_ = in(shared_.limits.stop);
        stop_when_idle();
    }

    void stop_when_idle() {
        if (shared_.under_way == 0 || Clock::now() >= last_moment_) return context_.stop();
        timer_.expires_after(kStopPoll);
        timer_.async_wait([this](beast::error_code) { stop_when_idle(); });
    }

    std::function<void()> on_hangup_;
    mutable std::mutex tls_mutex_;
    TlsContext tls_;  // none: plain HTTP
    unsigned threads_;
    Shared shared_;  // outlives the connections, whose handlers lie in the contexts below
    asio::io_context context_;
    asio::strand<asio::io_context::executor_type> control_ =
        asio::make_strand(context_);  // of what is not a connection
    asio::thread_pool workers_;
    tcp::acceptor acceptor_;
    asio::signal_set ends_;
    asio::signal_set hangups_;
    asio::steady_timer timer_;
    std::uint16_t port_ = 0;
    Deadline last_moment_;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Handler handler) {
    try {
        auto parts = std::make_unique<Parts>(options, std::move(handler));
        HALLMARK_CHECK(parts->listen(options));
        return std::unique_ptr<Server>(new Server(std::move(parts)));
    } catch (const std::exception& error) {
        return bad_input(std::string("server: ") + error.what());
    }
}

std::uint16_t Server::port() const { return parts_->port(); }
Status Server::show(const TlsIdentity& identity) { return parts_->show(identity); }
void Server::run() { parts_->run(); }
void Server::stop() { parts_->stop(); }

}  // namespace hallmark::broker
