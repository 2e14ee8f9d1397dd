// SPDX-License-Identifier: Apache-2.0
// A relying party of toys around the real protocol: what evidence, tokens and keys are is decided here.
#pragma once

#include <algorithm>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.hpp"
#include "common/hex.hpp"
#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "relying-party/broker/bearer.hpp"
#include "relying-party/broker/services.hpp"
#include "tests/support/memory_key_store.hpp"

namespace hallmark::test {

/// Evidence is {"report_data": HEX, "good": bool}; a token is "token " and its claims; a wrapped secret is
/// {"wrapped": the secret in hexadecimal, "for": the key}. The token "admin" administrates. Resources of the repository
/// "open" are released to an affirming verdict.
class FakeRelyingParty {
public:
    static constexpr std::time_t kNow = 1'800'000'000;

    MemoryKeyStore store;
    std::vector<broker::Event> events;
    std::string appraisal_policy = "appraisal = 1";
    std::string release_policy = "release = 1";
    std::string registered;
    Bytes init_data = Bytes(32);
    bool log_is_full = false;
    bool is_crowded = false;
    Deadline now = Clock::now();
    int verifications = 0;

    broker::Services services() {
        broker::Services services;
        add_evidence(services);
        add_tokens(services);
        add_store(services);
        add_administration(services);
        services.record = [this](const broker::Event& event) -> Status {
            if (log_is_full) return bad_input("audit log: no space left on device");
            events.push_back(event);
            return {};
        };
        services.now = [this] { return now; };
        services.is_crowded = [this] { return is_crowded; };
        services.wall_clock = [] { return kNow; };
        return services;
    }

private:
    void add_evidence(broker::Services& services) {
        services.verify = [this](verifier::Tee tee, const Json& evidence) -> Result<verifier::Verified> {
            ++verifications;
            HALLMARK_TRY(const JsonObject object, JsonObject::of(evidence, "evidence"));
            HALLMARK_TRY(const std::string hex, object.string("report_data"));
            HALLMARK_TRY(const Bytes report_data, from_hex(hex));
            verifier::Verified verified;
            if (report_data.size() != verified.report_data.size()) return refused("evidence: forged");
            std::ranges::copy(report_data, verified.report_data.begin());
            verified.tee = tee;
            verified.init_data = init_data;
            HALLMARK_TRY(const bool good, object.boolean("good"));
            verified.claims["good"] = good;
            return verified;
        };
        services.appraise = [](const verifier::Verified& verified, ByteSpan) -> Result<appraisal::Appraisal> {
            appraisal::Appraisal appraisal{.policy = "fake", .dimensions = {}};
            appraisal.status =
                verified.claims["good"].get<bool>() ? appraisal::Tier::kAffirming : appraisal::Tier::kContraindicated;
            if (appraisal.status != appraisal::Tier::kAffirming)
                appraisal.dimensions["executables"] = {.value = 33, .failures = {{"good", "false", "true"}}};
            return appraisal;
        };
        services.read_key = [](const Json& jwk) { return jose::Jwk::parse(jwk, "tee-pubkey"); };
    }

    static void add_tokens(broker::Services& services) {
        services.issue_token = [](const verifier::Verified& verified, const appraisal::Appraisal& appraisal,
                                  const Json& runtime_data, const Json& init_data,
                                  const jose::Jwk&) -> Result<std::string> {
            Json claims;
            claims["affirming"] = appraisal.status == appraisal::Tier::kAffirming;
            claims["tee"] = std::string(verifier::name_of(verified.tee));
            claims["runtime"] = runtime_data;
            claims["init_data"] = init_data;
            return "token " + claims.dump();
        };
        services.check_token = [](std::string_view token) -> Result<std::shared_ptr<const broker::Bearer>> {
            if (!token.starts_with("token ")) return refused("token: forged");
            HALLMARK_TRY(const Json claims, parse_json(token.substr(6), "token"));
            if (!claims.is_object() || !claims.contains("runtime") || !claims["runtime"].is_object() ||
                !claims["runtime"].contains("tee-pubkey"))
                return refused("token: no key");
            HALLMARK_TRY(auto key, jose::Jwk::parse(claims["runtime"]["tee-pubkey"], "token"));
            broker::Bearer bearer{.key = std::move(key)};
            if (claims.contains("affirming") && claims["affirming"] == true)
                bearer.verdict = appraisal::Tier::kAffirming;
            return std::make_shared<const broker::Bearer>(std::move(bearer));
        };
        services.wrap = [](ByteSpan secret, const jose::Jwk& key) -> Result<std::string> {
            Json wrapped;
            wrapped["wrapped"] = to_hex(secret);
            wrapped["for"] = key.json();
            return wrapped.dump();
        };
        services.key_set = [] { return std::string(R"({"keys":[]})"); };
        services.release = [](const keys::ResourcePath& path, const broker::Bearer& bearer) -> Status {
            if (path.repository == "open" && bearer.verdict == appraisal::Tier::kAffirming) return {};
            return refused("release policy: no rule lets this guest read it");
        };
    }

    void add_store(broker::Services& services) {
        services.read = [this](const keys::ResourcePath& path) { return store.read(path); };
        services.write = [this](const keys::ResourcePath& path, ByteSpan secret) { return store.write(path, secret); };
        services.remove = [this](const keys::ResourcePath& path) { return store.remove(path); };
    }

    void add_administration(broker::Services& services) {
        services.administrator = [](std::string_view token) -> Result<broker::Administrator> {
            if (token != "admin") return refused("admin token: forged");
            return broker::Administrator{"tester"};
        };
        services.appraisal_policy = [this]() -> Result<std::string> { return appraisal_policy; };
        services.release_policy = [this]() -> Result<std::string> { return release_policy; };
        services.set_appraisal_policy = [this](std::string_view text) -> Status {
            if (text.empty()) return bad_input("policy: empty");
            appraisal_policy = text;
            return {};
        };
        services.set_release_policy = [this](std::string_view text) -> Status {
            release_policy = text;
            return {};
        };
        services.register_reference_values = [this](std::string_view message) -> Status {
            HALLMARK_TRY(const Json json, parse_json(message, "message"));
            registered = json.dump();
            return {};
        };
        services.reference_value_sets = []() -> Result<std::string> { return std::string("[2]"); };
        services.reference_value = [](std::string_view name) -> Result<std::string> {
            return name == "snp/launch" ? std::string("[1]") : std::string("null");
        };
        services.remove_reference_value_set = [](std::string_view set) -> Status {
            if (set == "manifest 00") return {};
            return refused("set '" + std::string(set) + "': is not there");
        };
        services.remove_reference_value = [](std::string_view name) -> Status {
            if (name == "snp/launch") return {};
            return refused("no such value");
        };
    }
};

}  // namespace hallmark::test
