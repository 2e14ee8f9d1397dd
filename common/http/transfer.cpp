// SPDX-License-Identifier: Apache-2.0
#include "common/http/transfer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "common/http/address.hpp"

namespace hallmark::http {
namespace {

using Clock = std::chrono::steady_clock;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// The status is known as soon as there is a body.
int status_of(CURL* handle) {
    long status = 0;
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? static_cast<int>(status) : 0;
}

bool give_to_sink(Transfer& transfer, ByteSpan bytes) {
    const auto begin = Clock::now();
    auto taken = transfer.request.sink(transfer.response, bytes);
    transfer.pace.received(bytes.size(), Clock::now() - begin);
    if (!taken) transfer.refused = std::move(taken).error();
    return !transfer.refused;
}

/// These return less than they got to end the transfer.
std::size_t on_body(const char* data, std::size_t, std::size_t size, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    const auto bytes = as_bytes(std::string_view(data, size));
    if (transfer.request.sink) {
        if (transfer.response.status == 0) transfer.response.status = status_of(transfer.handle);
        if (is_success(transfer.response.status)) return give_to_sink(transfer, bytes) ? size : 0;
    }
    if (size > transfer.request.limits.largest_body - transfer.response.body.size()) {
        transfer.too_long = true;
        return 0;
    }
    transfer.pace.received(size, {});
    append(transfer.response.body, bytes);
    return size;
}

std::size_t on_header(const char* data, std::size_t, std::size_t size, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    Response& response = transfer.response;
    transfer.header_bytes += size;
    if (transfer.header_bytes > kLargestHeaders) {
        transfer.too_long = true;
        return 0;
    }
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) {  // an interim response came before
        response.headers.clear();
        response.set_cookies.clear();
        response.challenges.clear();
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    std::string name(trimmed(line.substr(0, colon)));
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string value(trimmed(line.substr(colon + 1)));
    if (name == "set-cookie") response.set_cookies.push_back(value);
    if (name == "www-authenticate") response.challenges.push_back(value);
    response.headers[name] = std::move(value);
    return size;
}

/// About once a second, and whenever something came.
int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(context);
    transfer.too_slow = transfer.pace.is_too_slow();
    return transfer.too_slow ? 1 : 0;
}

/// Before a request goes out, over a new connection or one that was kept.
int on_connected(void* context, char* peer, char*, int, int) {
    auto& transfer = *static_cast<Transfer*>(context);
    transfer.response.peer = peer;
    transfer.local_peer = transfer.request.refuse_local && is_local_address(peer);
    return transfer.local_peer ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

}  // namespace

Pace::Pace(std::uint64_t slowest, std::chrono::milliseconds span)
    : fewest_(slowest * static_cast<std::uint64_t>(span.count()) / 1000), span_(span), from_(Clock::now()) {}

void Pace::received(std::size_t bytes, Clock::duration in_sink) {
    bytes_ += bytes;
    from_ += in_sink;
}

bool Pace::is_too_slow() {
    const auto now = Clock::now();
    if (fewest_ == 0 || now - from_ < span_) return false;
    const bool slow = bytes_ < fewest_;
    from_ = now;
    bytes_ = 0;
    return slow;
}

Transfer::Transfer(CURL* curl, const Request& asked)
    : handle(curl), request(asked), pace(asked.limits.slowest, asked.limits.slow_for) {}

void Transfer::set_callbacks(Options& options) {
    options.set(CURLOPT_WRITEFUNCTION, on_body);
    options.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    options.set(CURLOPT_HEADERFUNCTION, on_header);
    options.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    options.set(CURLOPT_XFERINFOFUNCTION, on_progress);
    options.set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    options.set(CURLOPT_NOPROGRESS, 0L);
    options.set(CURLOPT_PREREQFUNCTION, on_connected);
    options.set(CURLOPT_PREREQDATA, static_cast<void*>(this));
}

std::optional<Failure> Transfer::broken() const {
    const auto failed = [&](const std::string& why, Cause cause, bool may_pass) {
        return Failure{Error{Fault::kBadInput, request.url + ": " + why}, may_pass, cause};
    };
    if (refused) return Failure{*refused};
    if (too_long)
        return failed("an answer of more than " + std::to_string(request.limits.largest_body) + " bytes, or " +
                          std::to_string(kLargestHeaders) + " of headers",
                      Cause::kOther, false);
    if (too_slow)
        return failed("less than " + std::to_string(request.limits.slowest) + " bytes a second for " +
                          std::to_string(request.limits.slow_for.count() / 1000) + " s",
                      Cause::kTime, true);
    if (local_peer)
        return failed("leads to " + response.peer + ", which is this machine or its own network: not asked",
                      Cause::kOther, false);
    return std::nullopt;
}

}  // namespace hallmark::http
