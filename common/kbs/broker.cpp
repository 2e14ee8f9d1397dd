// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/broker.hpp"

#include <algorithm>
#include <cstddef>

#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::kbs {
namespace {

constexpr std::size_t kLongestType = 64;
constexpr std::size_t kLongestDetail = 1100;  // hallmark-kbs cuts its own after 1024

std::string printable(std::string_view text, std::size_t longest) {
    std::string line(text.substr(0, longest));
    for (char& c : line)
        if (c < ' ' || c > '~') c = ' ';
    return line;
}

std::string_view text_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    return found->get_ref<const std::string&>();
}

}  // namespace

Status check_url(std::string_view url, bool insecure_http) {
    const std::string shown = "--kbs '" + std::string(url) + "'";
    if (url.starts_with("https://")) return {};
    if (!url.starts_with("http://")) return bad_input(shown + ": expected https://HOST[:PORT]");
    if (insecure_http) return {};
    return bad_input(shown +
                     ": plain HTTP shows tokens and cookies to the network; expected https://, or give "
                     "--insecure-http");
}

Refusal read_refusal(ByteSpan body) {
    const std::string_view text = hallmark::text_of(body);
    const auto json = parse_json(text, "answer");
    if (!json || !json->is_object() || text_of(*json, "detail").empty()) return {"", printable(text, kLongestDetail)};
    // The name stands at the end of an address.
    const auto type = text_of(*json, "type");
    return {printable(type.substr(type.rfind('/') + 1), kLongestType),
            printable(text_of(*json, "detail"), kLongestDetail)};
}

std::string line_of(const Refusal& refusal) {
    return refusal.type.empty() ? refusal.detail : refusal.type + ": " + refusal.detail;
}

}  // namespace hallmark::kbs
