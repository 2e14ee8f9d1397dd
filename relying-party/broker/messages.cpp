// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/messages.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "common/digest.hpp"
#include "common/jcs.hpp"
#include "common/json_bytes.hpp"

namespace hallmark::broker {
namespace {

constexpr std::size_t kLargestAuth = 16 * 1024;
constexpr std::size_t kLongestKeyField = 2048;  // RSA with 8192 bits has 1366
constexpr std::string_view kHash = "sha384";

std::string lowercase(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// A client that can't do SHA-384 is told at once. Without a list it can: SHA-384 is the default of the protocol.
Status check_extra_params(const JsonObject& auth, const Json& whole) {
    constexpr const char* kList = "supported-hash-algorithms";
    if (!auth.has("extra-params") || !whole["extra-params"].is_object()) return {};
    HALLMARK_TRY(const JsonObject params, auth.object("extra-params"));
    if (!params.has(kList)) return {};
    HALLMARK_TRY(const Json* list, params.array(kList));
    for (const auto& name : *list)
        if (name.is_string() && lowercase(name.get<std::string>()) == kHash) return {};
    return bad_input(params.path_of(kList) + ": sha384 is not among them, and this key broker uses no other");
}

Result<verifier::Tee> tee_named(const std::string& name) {
    for (const auto tee : {verifier::Tee::kSnp, verifier::Tee::kTdx})
        if (verifier::name_of(tee) == name) return tee;
    return bad_input("auth: tee: evidence of '" + name + "' is not verified here; expected snp or tdx");
}

/// Only members that belong to the key go into the digest, so no other may be there.
Status check_key_shape(const Json& key, const std::string& where) {
    HALLMARK_TRY(const JsonObject object, JsonObject::of(key, where));
    HALLMARK_TRY(const std::string kind, object.string("kty"));
    if (kind == "EC") {
        HALLMARK_CHECK(object.only({"kty", "alg", "crv", "x", "y"}));
        HALLMARK_CHECK(object.string("crv"));
        HALLMARK_CHECK(object.string("x"));
        HALLMARK_CHECK(object.string("y"));
    } else if (kind == "RSA") {
        HALLMARK_CHECK(object.only({"kty", "alg", "n", "e"}));
        HALLMARK_CHECK(object.string("n"));
        HALLMARK_CHECK(object.string("e"));
    } else {
        return bad_input(object.path_of("kty") + ": found '" + kind + "', expected EC or RSA");
    }
    HALLMARK_CHECK(object.string("alg"));
    for (const auto& [name, value] : key.items())
        if (value.get_ref<const std::string&>().size() > kLongestKeyField)
            return bad_input(object.path_of(name) + ": longer than any key's");
    return {};
}

/// Takes the evidence out of the message: it is most of it.
Status read_evidence(const Version& version, const JsonObject& attest, Json& whole, AttestRequest& request) {
    if (!attest.has("tee-evidence")) return bad_input(attest.path_of("tee-evidence") + ": missing");
    Json& evidence = whole["tee-evidence"];
    if (version.composite_evidence) {
        HALLMARK_TRY(const JsonObject composite, attest.object("tee-evidence"));
        HALLMARK_CHECK(composite.only({"primary_evidence", "additional_evidence"}));
        HALLMARK_CHECK(composite.object("primary_evidence"));
        HALLMARK_TRY(request.additional_evidence, composite.string("additional_evidence"));
        request.evidence = std::move(evidence["primary_evidence"]);
        return {};
    }
    if (evidence.is_string()) {
        HALLMARK_TRY(request.evidence,
                     parse_json_with_bytes(evidence.get_ref<const std::string&>(), "attest: tee-evidence"));
    } else {
        request.evidence = std::move(evidence);
    }
    if (!request.evidence.is_object())
        return bad_input("attest: tee-evidence: found " + std::string(request.evidence.type_name()) +
                         ", expected an object");
    return {};
}

Status read_init_data(const JsonObject& attest, const Json& whole, AttestRequest& request) {
    if (!attest.has("init-data") || whole["init-data"].is_null()) return {};
    HALLMARK_TRY(const JsonObject init_data, attest.object("init-data"));
    HALLMARK_CHECK(init_data.only({"format", "body"}));
    HALLMARK_TRY(const std::string format, init_data.string("format"));
    if (format != "toml") return bad_input(init_data.path_of("format") + ": found '" + format + "', expected toml");
    HALLMARK_TRY(request.init_data, init_data.string("body"));
    return {};
}

}  // namespace

Result<AuthRequest> parse_auth(std::string_view body) {
    if (body.size() > kLargestAuth)
        return bad_input("auth: " + std::to_string(body.size()) + " bytes, expected at most " +
                         std::to_string(kLargestAuth));
    HALLMARK_TRY(const Json json, parse_json(body, "auth"));
    HALLMARK_TRY(const JsonObject auth, JsonObject::of(json, "auth:"));
    HALLMARK_CHECK(auth.only({"version", "tee", "extra-params"}));
    HALLMARK_TRY(const std::string number, auth.string("version"));
    AuthRequest request;
    request.version = kbs::find_version(number);
    if (request.version == nullptr)
        return bad_input("KBS Client Protocol Version Mismatch: expect =" + std::string(kbs::kVersions[0].number) +
                         " while the request is " + number);
    HALLMARK_TRY(const std::string tee, auth.string("tee"));
    HALLMARK_TRY(request.tee, tee_named(tee));
    HALLMARK_CHECK(check_extra_params(auth, json));
    return request;
}

Result<AttestRequest> parse_attest(const Version& version, std::string_view body) {
    HALLMARK_TRY(Json json, parse_json_with_bytes(body, "attest"));
    HALLMARK_TRY(const JsonObject attest, JsonObject::of(json, "attest:"));
    AttestRequest request;
    if (version.runtime_data) {
        HALLMARK_CHECK(attest.only({"init-data", "runtime-data", "tee-evidence"}));
        HALLMARK_TRY(const JsonObject runtime, attest.object("runtime-data"));
        HALLMARK_CHECK(runtime.only({"nonce", "tee-pubkey"}));
        HALLMARK_TRY(request.nonce, runtime.string("nonce"));
        HALLMARK_CHECK(runtime.object("tee-pubkey"));
        request.tee_pubkey = json["runtime-data"]["tee-pubkey"];
        HALLMARK_CHECK(read_init_data(attest, json, request));
    } else {
        HALLMARK_CHECK(attest.only({"tee-pubkey", "tee-evidence"}));
        HALLMARK_CHECK(attest.object("tee-pubkey"));
        request.tee_pubkey = json["tee-pubkey"];
    }
    HALLMARK_CHECK(check_key_shape(request.tee_pubkey, "attest: tee-pubkey"));
    HALLMARK_CHECK(read_evidence(version, attest, json, request));
    return request;
}

Result<std::array<std::uint8_t, 64>> expected_report_data(const Version& version, const std::string& nonce,
                                                          const AttestRequest& request) {
    Json bound = Json::object();
    // "The key is present even when it is empty."
    if (version.additional_in_report_data) bound["additional-evidence"] = request.additional_evidence;
    bound["nonce"] = nonce;
    bound["tee-pubkey"] = request.tee_pubkey;
    HALLMARK_TRY(const std::string canonical, hallmark::canonical(bound));
    const Sha384 digest = sha384(as_bytes(std::string_view(canonical)));
    std::array<std::uint8_t, 64> data{};
    std::ranges::copy(digest, data.begin());
    return data;
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace hallmark::broker
