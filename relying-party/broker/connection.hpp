// SPDX-License-Identifier: Apache-2.0
// One client's connection: for server.cpp alone, since Boost's headers take long to compile.
#pragma once

#include <openssl/crypto.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/deadline.hpp"
#include "relying-party/broker/server.hpp"
#include "relying-party/broker/tls_stream.hpp"

namespace hallmark::broker {

namespace http = boost::beast::http;

/// Bodies may hold secrets that an owner stores.
template <class T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() = default;
    template <class Other>
    explicit(false) WipingAllocator(const WipingAllocator<Other>& /*other*/) {}
    T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* memory, std::size_t count) {
        OPENSSL_cleanse(memory, count * sizeof(T));
        std::allocator<T>().deallocate(memory, count);
    }
    friend bool operator==(const WipingAllocator& /*a*/, const WipingAllocator& /*b*/) { return true; }
};

/// What all connections share.
struct Shared {
    ServerLimits limits;
    Server::Handler handler;
    asio::thread_pool* workers = nullptr;
    std::atomic<bool> stopping = false;
    std::atomic<std::size_t> under_way = 0;     // requests between their head and the end of their answer
    std::atomic<std::size_t> bodies_bytes = 0;  // promised by the heads of requests under way

    /// A place for one more connection of this network, or nothing; it is free again when the pointer is gone.
    std::shared_ptr<void> admit(const std::string& network) {
        const std::lock_guard lock(mutex_);
        if (connections_ >= limits.connections || by_network_[network] >= limits.connections_of_one_network) {
            if (by_network_[network] == 0) by_network_.erase(network);
            return nullptr;
        }
        ++connections_;
        ++by_network_[network];
        return {this, [this, network](void*) { leave(network); }};
    }

private:
    void leave(const std::string& network) {
        const std::lock_guard lock(mutex_);
        --connections_;
        if (--by_network_[network] == 0) by_network_.erase(network);
    }
    std::mutex mutex_;  // of the two below
    std::size_t connections_ = 0;
    std::map<std::string, std::size_t> by_network_;
};

/// Counts one request, and the memory that its body may take.
class UnderWay {
public:
    static std::optional<UnderWay> begin(Shared& shared, std::size_t bytes) {
        if (shared.bodies_bytes.fetch_add(bytes) + bytes <= shared.limits.all_bodies_bytes)
            return UnderWay(shared, bytes);
        shared.bodies_bytes.fetch_sub(bytes);
        return std::nullopt;
    }
    UnderWay(UnderWay&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)), bytes_(other.bytes_) {}
    UnderWay& operator=(UnderWay&& other) = delete;
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    ~UnderWay() {
        if (shared_ == nullptr) return;
        shared_->bodies_bytes.fetch_sub(bytes_);
        shared_->under_way.fetch_sub(1);
    }

private:
    UnderWay(Shared& shared, std::size_t bytes) : shared_(&shared), bytes_(bytes) { shared.under_way.fetch_add(1); }
    Shared* shared_;
    std::size_t bytes_;
};

/// `Stream` is a TCP socket, or TLS on one. Everything runs on the stream's strand but the handler, which runs on a
/// worker. A connection that idles costs little: no buffer, no request, no answer.
template <class Stream>
class Connection : public std::enable_shared_from_this<Connection<Stream>> {
public:
    static constexpr std::size_t kDrainBlock = 4096;
    static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

    Connection(Stream stream, Shared& shared, std::shared_ptr<void> place, std::string client)
        : stream_(std::move(stream)),
          timer_(stream_.get_executor()),
          shared_(shared),
          place_(std::move(place)),
          client_(std::move(client)) {}

    auto executor() { return stream_.get_executor(); }

    void begin() {
        if constexpr (kTls) {
            limit(shared_.limits.handshake);
            stream_.async_handshake([self = self()](beast::error_code error, std::size_t) {
                if (!error) self->read_head();
            });
        } else {
            read_head();
        }
    }

private:
    using Body = http::basic_string_body<char, std::char_traits<char>, WipingAllocator<char>>;
    using Buffer = beast::basic_flat_buffer<WipingAllocator<char>>;

    std::shared_ptr<Connection> self() { return this->shared_from_this(); }

    asio::ip::tcp::socket& socket() {
        if constexpr (kTls)
            return stream_.socket();
        else
            return stream_;
    }

    /// For the whole of what comes next, however slowly its bytes trickle.
    void limit(std::chrono::milliseconds span) {
        timer_.expires_after(span);
        timer_.async_wait([weak = this->weak_from_this()](beast::error_code error) {
            const auto self = weak.lock();
            // Another limit may have been set while this call was on its way.
            if (!error && self && self->timer_.expiry() <= Clock::now()) self->abandon();
        });
    }

    /// What waits for the socket fails now. It is closed when nothing uses it any more.
    void abandon() {
        beast::error_code ignored;
        socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
        socket().cancel(ignored);
    }

    void read_head() {
        answer_ = {};
        request_.emplace();
        request_->header_limit(shared_.limits.head_bytes);
        request_->body_limit(shared_.limits.body_bytes);
        buffer_.shrink_to_fit();
        limit(shared_.limits.head);
        http::async_read_header(stream_, buffer_, *request_,
                                [self = self()](beast::error_code error, std::size_t) { self->got_head(error); });
    }

    void got_head(beast::error_code error) {
        if (error == http::error::header_limit) return refuse_and_close(http::status::request_header_fields_too_large);
        if (error == http::error::body_limit) return refuse_and_close(http::status::payload_too_large);
        if (is_about_http(error)) return refuse_and_close(http::status::bad_request);
        if (error) return;
        const auto& head = request_->get();
        // Two of them, and who reads the first disagrees with who reads the last.
        for (const auto field : {http::field::cookie, http::field::authorization, http::field::content_length})
            if (head.count(field) > 1) return refuse_and_close(http::status::bad_request);
        if (request_->chunked() || (!request_->content_length() && head.method() == http::verb::post))
            return refuse_and_close(http::status::length_required);
        const auto length = request_->content_length().value_or(0);
        if (length > shared_.limits.body_bytes) return refuse_and_close(http::status::payload_too_large);
        auto admitted = UnderWay::begin(shared_, static_cast<std::size_t>(length));
        if (!admitted) return refuse_and_close(http::status::service_unavailable);
        under_way_.emplace(std::move(*admitted));
        read_body();
    }

    void read_body() {
        limit(shared_.limits.body);
        http::async_read(stream_, buffer_, *request_, [self = self()](beast::error_code error, std::size_t) {
            if (is_about_http(error)) return self->refuse_and_close(http::status::bad_request);
            if (!error) self->work();
        });
    }

    void work() {
        timer_.cancel();
        asio::post(*shared_.workers, [self = self()] {
            self->answer_request();
            asio::post(self->stream_.get_executor(), [self] { self->write_answer(); });
        });
    }

    /// On a worker; nothing else touches this connection meanwhile.
    void answer_request() {
        const auto& message = request_->get();
        const auto field = [&](http::field name) {
            const auto value = message[name];
            return std::string_view(value.data(), value.size());
        };
        const auto method = message.method_string();
        Request request{.method = {method.data(), method.size()},
                        .target = {message.target().data(), message.target().size()},
                        .cookie = field(http::field::cookie),
                        .authorization = field(http::field::authorization),
                        .body = message.body(),
                        .client = client_};
        const bool keep = message.keep_alive() && !shared_.stopping;
        try {
            fill_answer(shared_.handler(request), keep);
        } catch (const std::exception&) {
            // A library threw, or memory is short: nothing is given out.
            fill_answer({.status = 500, .body = "{}"}, false);
        }
    }

    void fill_answer(const Response& response, bool keep_alive) {
        answer_ = {};
        answer_.version(11);
        answer_.result(response.status);
        answer_.set(http::field::content_type, response.content_type);
        answer_.set(http::field::cache_control, "no-store");
        if (!response.set_cookie.empty()) answer_.set(http::field::set_cookie, response.set_cookie);
        answer_.keep_alive(keep_alive);
        answer_.body() = response.body;
        answer_.prepare_payload();
    }

    void write_answer() {
        limit(shared_.limits.answer);
        http::async_write(stream_, answer_, [self = self()](beast::error_code error, std::size_t) {
            self->under_way_.reset();
            if (error) return;
            if (self->unread_) return self->drain();
            if (self->answer_.keep_alive() && !self->shared_.stopping) return self->read_head();
            self->close();
        });
    }

    /// What the protocol has no words for, in HTTP's.
    void refuse_and_close(http::status status) {
        unread_ = true;
        fill_answer({.status = static_cast<unsigned>(status), .body = "{}"}, false);
        write_answer();
    }

    /// With an orderly end of TLS, where there is one, since the client has had everything.
    void close() {
        if constexpr (kTls) {
            limit(shared_.limits.closing);
            stream_.async_shutdown([self = self()](beast::error_code, std::size_t) {});
        } else {
            drain();
        }
    }

    /// Reads on for a moment: closing with bytes unread would reset the connection before the client has our answer.
    void drain() {
        beast::error_code ignored;
        socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        limit(shared_.limits.closing);
        drain_more();
    }
    void drain_more() {
        drained_.resize(kDrainBlock);
        socket().async_read_some(asio::buffer(drained_), [self = self()](beast::error_code error, std::size_t count) {
            self->drained_bytes_ += count;
            if (!error && self->drained_bytes_ < self->shared_.limits.body_bytes) self->drain_more();
        });
    }

    static bool is_about_http(beast::error_code error) {
        return error.category() == make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message;
    }

    Stream stream_;
    asio::steady_timer timer_;
    Shared& shared_;
    std::shared_ptr<void> place_;
    std::string client_;
    Buffer buffer_{std::size_t{256} * 1024};
    std::optional<http::request_parser<Body>> request_;
    std::optional<UnderWay> under_way_;
    http::response<http::string_body> answer_;
    bool unread_ = false;  // the client may still be sending what was refused
    std::vector<char> drained_;
    std::size_t drained_bytes_ = 0;
};

}  // namespace hallmark::broker
