// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/admin_client.hpp"

#include <openssl/crypto.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <utility>

#include "common/http/client.hpp"
#include "common/jose/admin_token.hpp"
#include "common/jose/key_file.hpp"
#include "common/kbs/broker.hpp"

namespace hallmark::kbs {
namespace {

constexpr std::uint32_t kTokenLifetime = 300;  // seconds
constexpr std::size_t kLargestAnswer = 4 * 1024 * 1024;

}  // namespace

Result<AdminClient> AdminClient::open(const AdminAccess& access) {
    HALLMARK_CHECK(check_url(access.url, access.insecure_http));
    HALLMARK_TRY(auto key, jose::read_signing_key(access.key, jose::SignatureAlgorithm::kEdDsa));
    AdminAccess trimmed = access;
    while (trimmed.url.ends_with('/')) trimmed.url.pop_back();
    return AdminClient(std::move(trimmed), std::move(key));
}

Result<Bytes> AdminClient::perform(std::string_view method, std::string_view path, ByteSpan body,
                                   std::string_view media_type) const {
    jose::AdminClaims claims;
    claims.role = access_.role;
    HALLMARK_TRY(std::string token, jose::make_admin_token(key_, claims, std::time(nullptr), kTokenLifetime));
    http::Request request;
    request.url = access_.url + std::string(kPrefix) + std::string(path);
    request.method = method;
    request.headers = {"Authorization: Bearer " + token};
    OPENSSL_cleanse(token.data(), token.size());
    if (!media_type.empty()) request.headers.push_back("Content-Type: " + std::string(media_type));
    request.body.assign(body.begin(), body.end());
    request.authorities = access_.certificate;
    request.limits.largest_body = kLargestAnswer;
    auto response = http::perform(request);
    OPENSSL_cleanse(request.body.data(), request.body.size());
    OPENSSL_cleanse(request.headers.front().data(), request.headers.front().size());
    HALLMARK_TRY(http::Response answer, std::move(response));
    if (answer.status < 200 || answer.status > 299)
        return refused(request.url + ": " + request.method + ": status " + std::to_string(answer.status) + ": " +
                       line_of(read_refusal(answer.body)));
    return std::move(answer.body);
}

Status AdminClient::post(std::string_view path, ByteSpan body, std::string_view media_type) const {
    HALLMARK_CHECK(perform("POST", path, body, media_type));
    return {};
}

Result<Bytes> AdminClient::get(std::string_view path) const { return perform("GET", path, {}, {}); }

Status AdminClient::remove(std::string_view path) const {
    HALLMARK_CHECK(perform("DELETE", path, {}, {}));
    return {};
}

}  // namespace hallmark::kbs
