// SPDX-License-Identifier: Apache-2.0
#include "common/http/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/http/address.hpp"

namespace hallmark::http {
namespace {

constexpr std::size_t kLongest = 8192;

struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Handle = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

/// What libcurl would send as it is and a person would not see.
bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// Sets an absolute address, then what is relative to it.
Result<Url> read(const std::string& first, const std::string& second) {
    const Handle handle(curl_url());
    if (!handle) return bad_input("libcurl can't read addresses");
    for (const std::string* text : {&first, &second}) {
        if (text->empty()) continue;
        if (text->size() > kLongest || !is_printable(*text))
            return bad_input("an address with bytes that have no place in one, or longer than " +
                             std::to_string(kLongest));
        if (const auto code = curl_url_set(handle.get(), CURLUPART_URL, text->c_str(), 0); code != CURLUE_OK)
            return bad_input(*text + ": no address: " + curl_url_strerror(code));
    }
    Url url{part_of(handle.get(), CURLUPART_URL), part_of(handle.get(), CURLUPART_SCHEME),
            part_of(handle.get(), CURLUPART_HOST), part_of(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT)};
    std::ranges::transform(url.host, url.host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (url.scheme != "http" && url.scheme != "https")
        return bad_input(url.text + ": expected an address that begins with https:// or http://");
    if (!part_of(handle.get(), CURLUPART_USER).empty() || !part_of(handle.get(), CURLUPART_PASSWORD).empty())
        return bad_input(url.scheme + "://" + url.host + ": expected an address without a user's name and password");
    return url;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) { return read(std::string(text), ""); }

Result<Url> Url::follow(std::string_view location) const { return read(text, std::string(location)); }

bool Url::same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
}

bool Url::names_local() const {
    std::string_view bare = host;
    if (bare.starts_with('[') && bare.ends_with(']')) bare = bare.substr(1, bare.size() - 2);
    if (bare.ends_with('.')) bare.remove_suffix(1);
    return bare == "localhost" || bare.ends_with(".localhost") || is_local_address(bare);
}

std::string escaped(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    return out;
}

}  // namespace hallmark::http
