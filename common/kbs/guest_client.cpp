// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/guest_client.hpp"

#include <utility>

#include "common/http/client.hpp"
#include "common/text.hpp"

namespace hallmark::kbs {
namespace {

constexpr int kOk = 200;
constexpr int kFirstRefusal = 400;
constexpr int kLastRefusal = 499;

}  // namespace

Result<GuestClient> GuestClient::open(GuestAccess access, std::string tee) {
    HALLMARK_TRY(auto key, jose::KeyPair::generate(jose::KeyKind::kP256));
    return open(std::move(access), std::move(tee), std::move(key));
}

Result<GuestClient> GuestClient::open(GuestAccess access, std::string tee, jose::KeyPair key) {
    HALLMARK_CHECK(check_url(access.url, access.insecure_http));
    while (access.url.ends_with('/')) access.url.pop_back();
    return GuestClient(std::move(access), std::move(tee), std::move(key));
}

Result<Bytes> GuestClient::perform(std::string_view method, std::string_view path, std::string_view body,
                                   std::size_t largest) {
    http::Request request;
    request.url = access_.url + std::string(kPrefix) + std::string(path);
    request.method = method;
    request.authorities = access_.certificate;
    request.trusted = access_.trusted;
    request.limits = {.largest_body = largest, .connect = access_.connect, .whole = access_.whole};
    if (!cookie_.empty()) request.headers.push_back("Cookie: " + cookie_);
    if (!body.empty()) request.headers.emplace_back("Content-Type: application/json");
    const ByteSpan bytes = as_bytes(body);
    request.body.assign(bytes.begin(), bytes.end());
    last_ = {.method = method, .url = request.url, .sent = request.body.size(), .cause = {}, .refusal = {}};
    auto attempted = http_.attempt(request);
    if (!attempted) {
        last_.cause = attempted.error().cause;
        last_.may_pass = attempted.error().may_pass;
        return std::unexpected(std::move(attempted).error().error);
    }
    http::Response answer = std::move(*attempted);
    last_.status = answer.status;
    last_.received = answer.body.size();
    last_.may_pass = http::asks_to_come_back(answer.status);
    if (answer.status != kOk) {
        last_.refusal = read_refusal(answer.body);
        const std::string line = line_of(last_.refusal);
        if (answer.status >= kFirstRefusal && answer.status <= kLastRefusal) return refused(line);
        return bad_input(request.url + ": status " + std::to_string(answer.status) + ", expected 200: " + line);
    }
    HALLMARK_TRY(auto cookie, session_cookie_of(answer.set_cookies));
    if (cookie) cookie_ = std::move(*cookie);
    return std::move(answer.body);
}

Result<ReportData> GuestClient::challenge() {
    nonce_.clear();
    cookie_.clear();
    token_.clear();
    HALLMARK_TRY(const Bytes answer, perform("POST", "auth", auth_request(tee_, *access_.version), kLargestChallenge));
    HALLMARK_TRY(std::string nonce, parse_challenge(text_of(answer)));
    if (cookie_.empty()) return bad_input(access_.url + ": the answer to auth sets no cookie kbs-session-id");
    HALLMARK_TRY(const ReportData data, report_data_of(nonce, key_.public_key(), *access_.version));
    nonce_ = std::move(nonce);
    return data;
}

Status GuestClient::attest(Json evidence, const std::optional<std::string>& init_data) {
    if (nonce_.empty()) return bad_input("attest: there is no challenge that this evidence could answer");
    const std::string body =
        attest_request(nonce_, key_.public_key(), std::move(evidence), init_data, *access_.version);
    nonce_.clear();  // good for one attempt
    HALLMARK_TRY(const Bytes answer, perform("POST", "attest", body, kLargestTokenAnswer));
    HALLMARK_TRY(token_, parse_token(text_of(answer)));
    return {};
}

Result<Secret> GuestClient::resource(std::string_view path) {
    HALLMARK_CHECK(check_resource_path(path));
    if (token_.empty()) return bad_input("resource: there is no attested session");
    HALLMARK_TRY(const Bytes answer, perform("GET", "resource/" + std::string(path), {}, kLargestResource));
    return open_resource(text_of(answer), key_);
}

}  // namespace hallmark::kbs
