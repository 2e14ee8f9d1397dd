// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/service_tokens.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "agent/attestation/token_life.hpp"
#include "agent/ports/text.hpp"
#include "common/base64.hpp"
#include "common/digest.hpp"
#include "common/jcs.hpp"
#include "common/json.hpp"
#include "common/json_bytes.hpp"

namespace hallmark::attestation {
namespace {

constexpr std::size_t kLargestAnswer = 256 * 1024;
constexpr std::size_t kLongestNonce = 1024;
constexpr int kOk = 200;

std::unexpected<Failure> failure(Error error, bool may_pass = false) {
    return std::unexpected(Failure{std::move(error), may_pass});
}

/// Text of one line, as both answers are.
bool is_word(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

ServiceTokens::ServiceTokens(const Config& config, guest::EvidenceSource& evidence,
                             std::optional<std::string> init_data)
    : url_(config.coco_as_url),
      trusted_(config.kbs_certificate_pem),
      key_kind_(config.tee_key),
      evidence_(evidence),
      init_data_(std::move(init_data)) {
    while (url_.ends_with('/')) url_.pop_back();
}

std::expected<Token, Failure> ServiceTokens::get() {
    const Json challenge = {{"tee", evidence_.tee()}, {"tee_params", ""}};
    const auto nonce = post("/challenge", challenge);
    if (!nonce) return std::unexpected(nonce.error());
    if (!is_word(*nonce, kLongestNonce))
        return failure(Error{Fault::kBadInput, url_ + "/challenge: an answer of " + std::to_string(nonce->size()) +
                                                   " bytes, expected a nonce"});
    const auto request = request_for(*nonce);
    if (!request) return failure(request.error());
    const auto token = post("/attestation", *request);
    if (!token) return std::unexpected(token.error());
    if (!is_word(*token, kLargestAnswer) || std::ranges::count(*token, '.') != 2)
        return failure(Error{Fault::kBadInput, url_ + "/attestation: an answer that is no signed token"});
    Bytes answer(token->begin(), token->end());
    return Token{.answer = Secret(std::move(answer)), .life = token_life(*token, std::time(nullptr))};
}

Result<Json> ServiceTokens::request_for(const std::string& nonce) const {
    HALLMARK_TRY(const auto key, jose::KeyPair::generate(key_kind_));
    Json bound;
    bound["nonce"] = nonce;
    bound["tee-pubkey"] = key.public_key().json();
    HALLMARK_TRY(const std::string text, canonical(bound));
    HALLMARK_TRY(const Json evidence, evidence_.evidence(sha384(as_bytes(std::string_view(text)))));
    Json one;
    one["tee"] = evidence_.tee();
    one["evidence"] = to_base64url(as_bytes(std::string_view(text_with_bytes(evidence))));
    one["runtime_data"]["structured"] = std::move(bound);
    one["runtime_data_hash_algorithm"] = "sha384";
    if (init_data_) one["init_data"]["init_data_toml"] = *init_data_;
    Json request;
    request["verification_requests"] = Json::array({std::move(one)});
    request["policy_ids"] = Json::array();
    return request;
}

std::expected<std::string, Failure> ServiceTokens::post(const std::string& path, const Json& body) const {
    http::Request request;
    request.url = url_ + path;
    request.method = "POST";
    request.headers = {"Content-Type: application/json"};
    request.trusted = trusted_;
    request.limits = {.largest_body = kLargestAnswer, .connect = kConnect, .whole = kOneRequest};
    const std::string text = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    request.body.assign(text.begin(), text.end());
    auto response = http::attempt(request);
    if (!response) return failure(std::move(response.error().error), response.error().may_pass);
    if (response->status == kOk) return std::string(response->body.begin(), response->body.end());
    return failure(Error{Fault::kNo, request.url + ": status " + std::to_string(response->status) + ": " +
                                         guest::one_line(response->body)},
                   http::asks_to_come_back(response->status));
}

}  // namespace hallmark::attestation
