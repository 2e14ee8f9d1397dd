// SPDX-License-Identifier: Apache-2.0
// Our side of the tests that hold JOSE against another implementation (tests/integration/test_jose.py): reads requests,
// one JSON value a line, and answers each with one.
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>

#include "common/base64.hpp"
#include "common/bytes.hpp"
#include "common/jcs.hpp"
#include "common/jose/admin_token.hpp"
#include "common/jose/jwe.hpp"
#include "common/jose/jwk.hpp"
#include "common/jose/signing_key.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/tokens/admin_token.hpp"
#include "relying-party/tokens/ear_token.hpp"

namespace hallmark {
namespace {

std::string text_of(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }

Result<Json> encrypt(const JsonObject& request, const Json& json) {
    HALLMARK_TRY(const Bytes plaintext, from_base64(request.string("plaintext").value_or("")));
    HALLMARK_TRY(const auto key, jose::Jwk::parse(json["jwk"], "jwk"));
    return jose::encrypt(plaintext, key);
}

Result<Json> decrypt(const JsonObject& request, const Json& json) {
    HALLMARK_TRY(const std::string pem, request.string("pem"));
    HALLMARK_TRY(const auto key, jose::KeyPair::from_pem(as_bytes(pem), "pem"));
    HALLMARK_TRY(const auto plaintext, jose::decrypt(json["jwe"], key));
    return Json{{"plaintext", to_base64(plaintext.bytes())}, {"jwk", key.public_key().json()}};
}

Result<Json> make_pair(const JsonObject& request, const Json& /*json*/) {
    HALLMARK_TRY(const std::string name, request.string("kind"));
    HALLMARK_TRY(const auto kind, jose::parse_key_kind(name));
    HALLMARK_TRY(const auto pair, jose::KeyPair::generate(kind));
    HALLMARK_TRY(const auto pem, pair.to_pem());
    return Json{{"pem", text_of(pem.bytes())}, {"jwk", pair.public_key().json()}};
}

Result<Json> make_ear(const JsonObject& request, const Json& json) {
    HALLMARK_TRY(const std::string pem, request.string("pem"));
    HALLMARK_TRY(const auto key, jose::SigningKey::from_pem(as_bytes(pem), "pem"));
    appraisal::Appraisal appraisal{.policy = "default", .dimensions = {}, .status = appraisal::Tier::kAffirming};
    appraisal.dimensions["executables"].value = 3;
    verifier::Verified verified;
    verified.claims = {{"measurement", "00"}};
    const tokens::Subject subject{.appraisal = appraisal,
                                  .verified = verified,
                                  .runtime_data = json["runtime_data"],
                                  .init_data = json["init_data"]};
    HALLMARK_TRY(const std::string token, tokens::make_token(subject, std::time(nullptr), 300, key));
    return Json{{"token", token}, {"keys", tokens::key_set({key.public_key()})}};
}

Result<Json> check_ear(const JsonObject& request, const Json& json) {
    HALLMARK_TRY(const std::string token, request.string("token"));
    HALLMARK_TRY(const auto key, jose::VerifyingKey::from_jwk(json["jwk"], "jwk"));
    return tokens::check_token(token, {key}, std::time(nullptr));
}

Result<Json> make_admin(const JsonObject& request, const Json& /*json*/) {
    HALLMARK_TRY(const std::string pem, request.string("pem"));
    HALLMARK_TRY(const auto key, jose::SigningKey::from_pem(as_bytes(pem), "pem"));
    jose::AdminClaims claims;
    claims.role = "admin";
    HALLMARK_TRY(const std::string token, jose::make_admin_token(key, claims, std::time(nullptr)));
    return Json{{"token", token}};
}

Result<Json> check_admin(const JsonObject& request, const Json& /*json*/) {
    HALLMARK_TRY(const std::string pem, request.string("pem"));
    HALLMARK_TRY(const std::string token, request.string("token"));
    HALLMARK_TRY(const auto key, jose::VerifyingKey::from_pem(as_bytes(pem), "pem"));
    HALLMARK_TRY(const auto who, tokens::check_admin_token(token, key, std::time(nullptr)));
    return Json{{"role", who.role}};
}

Result<Json> answer(const std::string& line) {
    HALLMARK_TRY(const Json json, parse_json(line, "request"));
    HALLMARK_TRY(const auto request, JsonObject::of(json, "request"));
    HALLMARK_TRY(const std::string what, request.string("do"));
    if (what == "encrypt") return encrypt(request, json);
    if (what == "decrypt") return decrypt(request, json);
    if (what == "make-pair") return make_pair(request, json);
    if (what == "make-ear") return make_ear(request, json);
    if (what == "check-ear") return check_ear(request, json);
    if (what == "make-admin") return make_admin(request, json);
    if (what == "check-admin") return check_admin(request, json);
    if (what == "canonical") {
        HALLMARK_TRY(const std::string text, canonical(json["value"]));
        return Json{{"text", text}};
    }
    return bad_input("request: do: unknown");
}

void run() {
    std::string line;
    for (int c = std::getchar(); c != EOF; c = std::getchar()) {
        if (c != '\n') {
            line += static_cast<char>(c);
            continue;
        }
        const auto result = answer(line);
        std::printf("%s\n", (result ? *result : Json{{"error", result.error().message}}).dump().c_str());
        line.clear();
    }
}

}  // namespace
}  // namespace hallmark

int main() { hallmark::run(); }
