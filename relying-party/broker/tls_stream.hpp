// SPDX-License-Identifier: Apache-2.0
// TLS on a socket, for server.cpp alone. OpenSSL reads and writes the socket itself, so that a connection that waits
// holds no buffer; Asio's own stream keeps four of 17 KiB.
// Source: openssl.org, SSL_get_error(3) and SSL_CTX_set_mode(3).
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/buffer_traits.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/error.hpp>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "common/bytes.hpp"
#include "common/openssl.hpp"

namespace hallmark::broker {

namespace asio = boost::asio;
namespace beast = boost::beast;

/// Beast's AsyncStream, the server's side. One operation at a time, on the socket's executor. The owner ends a
/// connection by shutting the socket down and not by closing it: OpenSSL knows its number only.
class TlsStream {
public:
    using Socket = asio::ip::tcp::socket;
    using executor_type = Socket::executor_type;

    /// SIGPIPE must be ignored: OpenSSL writes without MSG_NOSIGNAL.
    TlsStream(Socket socket, SSL_CTX& context) : socket_(std::move(socket)), ssl_(SSL_new(&context)) {
        beast::error_code error;
        socket_.native_non_blocking(true, error);
        if (error || !ssl_ || SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1) ssl_.reset();
    }

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& socket() { return socket_; }

    template <class Handler>
    auto async_handshake(Handler&& handler) {
        return run([](SSL* ssl, std::size_t&) { return SSL_accept(ssl); }, std::forward<Handler>(handler));
    }

    /// Says that nothing more comes, and waits until the client says so too.
    template <class Handler>
    auto async_shutdown(Handler&& handler) {
        const auto end = [](SSL* ssl, std::size_t&) {
            const int result = SSL_shutdown(ssl);
            return result == 0 ? SSL_shutdown(ssl) : result;
        };
        return run(end, std::forward<Handler>(handler));
    }

    template <class Buffers, class Handler>
    auto async_read_some(const Buffers& buffers, Handler&& handler) {
        const auto read = [buffer = first<asio::mutable_buffer>(buffers)](SSL* ssl, std::size_t& count) {
            return buffer.size() == 0 ? 1 : SSL_read_ex(ssl, buffer.data(), buffer.size(), &count);
        };
        return run(read, std::forward<Handler>(handler));
    }

    template <class Buffers, class Handler>
    auto async_write_some(const Buffers& buffers, Handler&& handler) {
        const auto write = [record = first_record(buffers)](SSL* ssl, std::size_t& count) {
            return record.empty() ? 1 : SSL_write_ex(ssl, record.data(), record.size(), &count);
        };
        return run(write, std::forward<Handler>(handler));
    }

private:
    template <class Buffer, class Buffers>
    static Buffer first(const Buffers& buffers) {
        for (const Buffer buffer : beast::buffers_range_ref(buffers))
            if (buffer.size() != 0) return buffer;
        return {};
    }

    /// Beast gives a head piece by piece: in one record each, they would cost the client more than the rest of it.
    template <class Buffers>
    static Bytes first_record(const Buffers& buffers) {
        Bytes record(std::min<std::size_t>(beast::buffer_bytes(buffers), SSL3_RT_MAX_PLAIN_LENGTH));
        asio::buffer_copy(asio::buffer(record), buffers);
        return record;
    }

    /// Attempts until OpenSSL no longer waits for the socket. The handler is never called from within the call that
    /// began it.
    template <class Attempt>
    struct Operation {
        TlsStream& stream;
        Attempt attempt;
        bool later = false;  // not within the call that began it
        bool done = false;
        beast::error_code result{};
        std::size_t count = 0;

        template <class Self>
        void operator()(Self& self, beast::error_code error = {}) {
            if (error && !done) finish(error);
            if (!done && !next(self)) return;
            if (later) return self.complete(result, count);
            later = true;
            asio::post(stream.get_executor(), std::move(self));
        }

        void finish(beast::error_code error) {
            done = true;
            result = error;
        }

        /// False where it waits for the socket, and has given itself away.
        template <class Self>
        bool next(Self& self) {
            SSL* ssl = stream.ssl_.get();
            if (ssl == nullptr) {
                finish(asio::error::no_memory);
                return true;
            }
            ERR_clear_error();
            errno = 0;
            const int answer = attempt(ssl, count);
            const int wants = answer > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, answer);
            if (wants == SSL_ERROR_WANT_READ || wants == SSL_ERROR_WANT_WRITE) {
                later = true;
                const bool read = wants == SSL_ERROR_WANT_READ;
                stream.socket_.async_wait(read ? Socket::wait_read : Socket::wait_write, std::move(self));
                return false;
            }
            finish(error_of(wants));
            return true;
        }
    };

    static beast::error_code error_of(int wants) {
        if (wants == SSL_ERROR_NONE) return {};
        if (wants == SSL_ERROR_ZERO_RETURN) return asio::error::eof;
        const auto code = static_cast<int>(ERR_get_error());
        ERR_clear_error();
        if (code != 0) return {code, asio::error::get_ssl_category()};
        if (errno != 0) return {errno, boost::system::system_category()};
        return asio::error::connection_reset;
    }

    template <class Attempt, class Handler>
    auto run(Attempt attempt, Handler&& handler) {
        using Signature = void(beast::error_code, std::size_t);
        return asio::async_compose<Handler, Signature>(Operation<Attempt>{*this, std::move(attempt)}, handler, socket_);
    }

    Socket socket_;
    openssl::Owned<SSL, SSL_free> ssl_;
};

}  // namespace hallmark::broker
