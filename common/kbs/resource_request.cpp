// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/resource_request.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/http/client.hpp"
#include "common/kbs/messages.hpp"

namespace hallmark::kbs {
namespace {

constexpr int kOk = 200;
constexpr int kFirstRefusal = 400;
constexpr int kLastRefusal = 499;

}  // namespace

Result<ResourceAnswer> request_resource(const GuestAccess& access, const std::string& token, const ResourceUri& uri,
                                        Deadline deadline) {
    HALLMARK_CHECK(check_url(access.url, access.insecure_http));
    http::Request request;
    std::string_view url = access.url;
    while (url.ends_with('/')) url.remove_suffix(1);
    request.url = std::string(url) + std::string(kPrefix) + uri.target();
    request.authorities = access.certificate;
    request.trusted = access.trusted;
    request.headers.push_back("Authorization: Bearer " + token);
    request.limits.largest_body = kLargestResource;
    const std::chrono::milliseconds left(milliseconds_until(deadline));
    if (left.count() == 0) return bad_input(request.url + ": no time is left to ask");
    request.limits.whole = std::min(request.limits.whole, left);
    HALLMARK_TRY(http::Response answer, http::perform(request));
    if (answer.status == kOk) return ResourceAnswer(std::move(answer.body));
    if (answer.status >= kFirstRefusal && answer.status <= kLastRefusal)
        return ResourceAnswer(read_refusal(answer.body));
    return bad_input(request.url + ": status " + std::to_string(answer.status) +
                     ", expected 200: " + line_of(read_refusal(answer.body)));
}

bool wants_other_token(const Refusal& refusal) {
    return refusal.type == "TokenNotFound" || refusal.type == "TokenVerifierError";
}

}  // namespace hallmark::kbs
