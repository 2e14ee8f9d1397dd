// SPDX-License-Identifier: Apache-2.0
// Requests over HTTP and HTTPS, bounded in size and time, over libcurl. TLS certificates are verified, redirects are
// not followed, and nothing but HTTP is spoken whatever an address says.
// Source: RFC 9110 (HTTP semantics), section 10.2.3 (Retry-After); RFC 6585, section 4 (429).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/http/authorities.hpp"
#include "common/result.hpp"

namespace hallmark::http {

struct Limits {
    std::size_t largest_body = 1024 * 1024;  ///< in bytes; a longer one is an error; not of what goes to a sink
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds whole{30'000};     ///< from the first byte sent to the last received; 0: no bound
    std::uint64_t slowest = 0;                   ///< bytes a second; a server that is slower …
    std::chrono::milliseconds slow_for{30'000};  ///< … for so long is an error
};

/// Who stands between here and servers.
struct Proxy {
    std::string address;     ///< http://… or https://…; empty: nobody
    std::string exceptions;  ///< hosts, domains and networks that are asked directly, with commas between
};

struct Response;

/// Takes the body of an answer with a status of 2xx piece by piece, with the status and the headers of the answer; an
/// error ends the transfer and is its failure.
using Sink = std::function<Status(const Response& head, ByteSpan piece)>;

struct Request {
    std::string url;  ///< https://…, or http:// where the caller means it
    std::string method = "GET";
    std::vector<std::string> headers;  ///< "Accept: application/json"
    Bytes body;
    std::filesystem::path authorities;  ///< PEM file of those to trust in place of the system's; empty: the system's
    Authorities trusted;                ///< the same, as text that is read once
    bool any_certificate = false;       ///< TLS with whoever answers, of whatever name
    std::optional<Proxy> proxy;         ///< nothing: as the environment says
    bool refuse_local = false;          ///< asks nobody at a local address (address.hpp)
    Sink sink;                          ///< empty: the body goes into the response
    Limits limits;
};

struct Response {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case; the last of each name
    std::vector<std::string> set_cookies;        ///< every Set-Cookie, as it came: a proxy adds its own
    std::vector<std::string> challenges;         ///< every WWW-Authenticate, as it came
    std::string peer;                            ///< the address that answered: the server's or the proxy's
    Bytes body;

    /// What the server asks to wait before another attempt; nothing where it doesn't say so in seconds.
    [[nodiscard]] std::optional<std::chrono::seconds> retry_after() const;
};

/// What stood between here and a response.
enum class Cause : std::uint8_t {
    kOther,
    kName,         ///< no address is known for the host
    kConnection,   ///< nobody listens there, or hung up
    kTime,         ///< too slow
    kTls,          ///< no TLS is spoken there
    kCertificate,  ///< of another, or of none that is trusted
    kClock,        ///< the certificate is not valid at this time
};

/// Why there is no response.
struct Failure {
    Error error;
    bool may_pass = false;  ///< nobody listened, or not in time: another attempt may meet somebody
    Cause cause = Cause::kOther;
};

/// Requests one behind the other, over one connection while the server keeps it. For one thread at a time.
class Session {
public:
    /// An answer of any status is a response; none, or one beyond the limits, is a failure.
    std::expected<Response, Failure> attempt(const Request& request);

private:
    struct Close {
        void operator()(void* handle) const;
    };
    std::unique_ptr<void, Close> handle_;  // libcurl's
    Authorities trusted_;                  // what its connection was opened with
};

/// One request, over a connection of its own.
std::expected<Response, Failure> attempt(const Request& request);
/// The same for whoever tries once.
Result<Response> perform(const Request& request);

constexpr bool is_success(int status) { return status >= 200 && status < 300; }

/// 429 and 503: the server asks to come back.
constexpr bool asks_to_come_back(int status) { return status == 429 || status == 503; }

/// How often and how long to try.
struct Patience {
    int attempts = 4;
    std::chrono::milliseconds first_wait{1'000};           ///< doubles each time where the server doesn't say how long
    std::chrono::milliseconds whole{20'000};               ///< of waiting; a longer wait is not begun
    std::function<void(std::chrono::milliseconds)> sleep;  ///< empty: really
};

/// An answer with status 200. Tries again after 429 and 503, as the server asks; every other status is an error at
/// once.
Result<Response> fetch_response(const Request& request, const Patience& patience);

/// Its body.
Result<Bytes> fetch(const Request& request, const Patience& patience);

}  // namespace hallmark::http
