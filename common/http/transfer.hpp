// SPDX-License-Identifier: Apache-2.0
// What happens while one answer comes in: libcurl's callbacks, and the bounds that they hold. For client.cpp.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/http/client.hpp"
#include "common/result.hpp"

namespace hallmark::http {

inline constexpr std::size_t kLargestHeaders = 64 * 1024;

/// Sets one option after another; the first that libcurl refuses is kept.
class Options {
public:
    explicit Options(CURL* handle) : handle_(handle) {}
    template <class T>
    void set(CURLoption option, T value) {
        if (code_ == CURLE_OK) code_ = curl_easy_setopt(handle_, option, value);
    }
    [[nodiscard]] CURLcode code() const { return code_; }

private:
    CURL* handle_;
    CURLcode code_ = CURLE_OK;
};

/// What comes in during one span of time: less than so many bytes is too little. The time that the sink takes is not
/// the server's.
class Pace {
public:
    Pace(std::uint64_t slowest, std::chrono::milliseconds span);
    void received(std::size_t bytes, std::chrono::steady_clock::duration in_sink);
    /// Whether the span that has just ended, if one has, was too slow.
    [[nodiscard]] bool is_too_slow();

private:
    std::uint64_t fewest_;
    std::chrono::milliseconds span_;
    std::chrono::steady_clock::time_point from_;
    std::uint64_t bytes_ = 0;
};

/// The state of one answer, to which the callbacks' context points. They end the transfer where a bound is broken.
struct Transfer {
    Transfer(CURL* curl, const Request& asked);

    /// Sets the callbacks, with this as their context.
    void set_callbacks(Options& options);
    /// Which bound was broken, if one was.
    [[nodiscard]] std::optional<Failure> broken() const;

    CURL* handle;
    const Request& request;
    Response response;
    Pace pace;
    std::size_t header_bytes = 0;
    bool too_long = false;
    bool too_slow = false;
    bool local_peer = false;       ///< nobody was to be asked there
    std::optional<Error> refused;  ///< by the sink
};

}  // namespace hallmark::http
