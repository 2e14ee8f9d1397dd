// SPDX-License-Identifier: Apache-2.0
#include "relying-party/cli_relying_party.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <optional>
#include <thread>
#include <utility>

#include "common/file.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/tdx_evidence.hpp"
#include "common/hex.hpp"
#include "common/jose/jwe.hpp"
#include "common/jose/jwk.hpp"
#include "common/jose/key_file.hpp"
#include "relying-party/appraisal/appraise.hpp"
#include "relying-party/appraisal/policy.hpp"
#include "relying-party/appraisal/release_policy.hpp"
#include "relying-party/broker/bearer.hpp"
#include "relying-party/broker/known_tokens.hpp"
#include "relying-party/cli_policy_file.hpp"
#include "relying-party/keys/audit_log.hpp"
#include "relying-party/keys/file_master_key.hpp"
#include "relying-party/keys/sqlite_key_store.hpp"
#include "relying-party/reference-values/document.hpp"
#include "relying-party/reference-values/store.hpp"
#include "relying-party/tokens/admin_token.hpp"
#include "relying-party/tokens/ear_token.hpp"
#include "relying-party/verifier/snp/kds.hpp"
#include "relying-party/verifier/snp/verify.hpp"
#include "relying-party/verifier/tdx/collateral_files.hpp"
#include "relying-party/verifier/tdx/pccs.hpp"
#include "relying-party/verifier/tdx/verify.hpp"
#include "relying-party/verifier/x509/certificates.hpp"

namespace hallmark::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kTokenLife = 300;  // seconds
/// To AMD's service at once: with a question for each processor, no more than half of the server's workers wait.
constexpr std::size_t kMostQuestions = 16;
/// No rule: the verdict must be affirming and the TEE a real one.
constexpr std::string_view kDefaultReleasePolicy = "version = 1\n";

struct Parts {
    explicit Parts(const fs::path& data)
        : appraisal(data / "appraisal-policy.toml", appraisal::parse_policy),
          release(data / "release-policy.toml", appraisal::parse_release_policy) {}

    std::unique_ptr<keys::SqliteKeyStore> store;
    std::unique_ptr<keys::AuditLog> audit;
    std::unique_ptr<reference::Store> values;
    PolicyFile<appraisal::Policy> appraisal;
    PolicyFile<appraisal::ReleasePolicy> release;
    std::optional<jose::SigningKey> token_key;
    broker::KnownTokens tokens;
    std::optional<jose::VerifyingKey> admin_key;
    std::unique_ptr<verifier::Kds> kds;
    std::unique_ptr<verifier::Pccs> pccs;
    verifier::SnpTrust snp;
    verifier::TdxTrust tdx;
    verifier::Collateral collateral;
};
using Shared = std::shared_ptr<Parts>;

Result<std::shared_ptr<keys::MasterKey>> master_key(const RelyingPartyOptions& options) {
    if (!options.master_key.name.empty()) return open_master_key(options.master_key, "--master-key");
    const auto file = options.data / "master.key";
    return fs::exists(file) ? keys::read_master_key(file) : keys::create_master_key(file);
}

Status open_trust(const RelyingPartyOptions& options, Parts& parts) {
    for (const auto& name : options.endorsements) HALLMARK_CHECK(verifier::add_endorsements(parts.snp, name));
    if (!options.kds.empty()) {
        verifier::KdsOptions kds;
        kds.base = options.kds;
        kds.cache = options.data / "kds";
        kds.most_questions = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, kMostQuestions);
        parts.kds = std::make_unique<verifier::Kds>(std::move(kds));
        parts.snp.source = parts.kds.get();
    }
    if (!options.collateral.empty()) {
        HALLMARK_TRY(parts.collateral, verifier::read_collateral(options.collateral));
        parts.tdx.collateral = &parts.collateral;
    }
    HALLMARK_TRY(parts.pccs, open_pccs(options.pccs, options.collateral, options.data / "pccs"));
    parts.tdx.source = parts.pccs.get();
    parts.snp.parsed = std::make_shared<verifier::ParsedCertificates>();
    parts.snp.verified = std::make_shared<verifier::VerifiedPaths>();
    for (const auto& name : options.simulated_roots) {
        HALLMARK_TRY(const Bytes root, verifier::read_root(name));
        parts.snp.roots.simulated.push_back(root);
        parts.tdx.simulated_roots.push_back(root);
    }
    return {};
}

Result<Shared> open_parts(const RelyingPartyOptions& options) {
    const auto parts = std::make_shared<Parts>(options.data);
    const auto& data = options.data;
    HALLMARK_TRY(auto key, master_key(options));
    HALLMARK_TRY(parts->store,
                 keys::SqliteKeyStore::open(data / "keys.sqlite", std::move(key), keys::IfMissing::kCreate));
    HALLMARK_TRY(parts->audit, keys::AuditLog::open(data / "audit.log"));
    HALLMARK_TRY(parts->values, reference::Store::open(data / "reference-values.sqlite"));
    HALLMARK_CHECK(parts->appraisal.open(options.appraisal_policy, appraisal::default_policy_text()));
    HALLMARK_CHECK(parts->release.open(options.release_policy, kDefaultReleasePolicy));
    HALLMARK_TRY(auto token_key, jose::read_or_make_key(data / "token.key", jose::SignatureAlgorithm::kEs256));
    parts->token_key.emplace(std::move(token_key));
    if (!options.admin_key.empty()) {
        HALLMARK_TRY(auto admin_key, jose::read_verifying_key(options.admin_key, jose::SignatureAlgorithm::kEdDsa));
        parts->admin_key.emplace(std::move(admin_key));
    }
    HALLMARK_CHECK(open_trust(options, *parts));
    return parts;
}

Result<verifier::Verified> verify(const Parts& parts, verifier::Tee tee, const Json& evidence) {
    if (tee == verifier::Tee::kSnp) {
        HALLMARK_TRY(const auto parsed, snp::parse_evidence_json(evidence));
        return verifier::verify_snp(parsed, parts.snp);
    }
    HALLMARK_TRY(const auto parsed, tdx::parse_evidence(evidence, "TDX evidence"));
    auto verified = verifier::verify_tdx(parsed, parts.tdx);
    if (verified && verified->claims.contains("collateral_error"))
        std::fprintf(stderr, "hallmark-kbs: WARNING: the TCB status of a guest is unknown: %s\n",
                     verified->claims["collateral_error"].get_ref<const std::string&>().c_str());
    return verified;
}

void add_evidence(broker::Services& services, const Shared& parts) {
    services.verify = [parts](verifier::Tee tee, const Json& evidence) { return verify(*parts, tee, evidence); };
    services.appraise = [parts](const verifier::Verified& verified,
                                ByteSpan given_init_data) -> Result<appraisal::Appraisal> {
        HALLMARK_TRY(const auto values, parts->values->snapshot());
        return appraisal::appraise(*parts->appraisal.policy(), {verified.tee, verified.claims, to_hex(given_init_data)},
                                   *values, std::time(nullptr));
    };
    services.is_crowded = [parts] { return parts->kds != nullptr && parts->kds->is_crowded(); };
    services.release = [parts](const keys::ResourcePath& path, const broker::Bearer& bearer) -> Status {
        const Json* init_data = bearer.init_data_claims.is_object() ? &bearer.init_data_claims : nullptr;
        const auto decision = appraisal::decide(
            *parts->release.policy(), {path, bearer.tee, bearer.simulated, bearer.verdict, bearer.claims, init_data});
        if (decision.granted) return {};
        return refused(decision.rule + ": " + decision.reason);
    };
}

Result<std::string> issue_token(Parts& parts, const tokens::Subject& subject, const jose::Jwk& key) {
    const std::time_t now = std::time(nullptr);
    HALLMARK_TRY(Json claims, tokens::make_claims(subject, now, kTokenLife));
    HALLMARK_TRY(std::string token, tokens::sign_claims(claims, *parts.token_key));
    HALLMARK_TRY(broker::Bearer bearer, broker::read_bearer(std::move(claims), key));
    parts.tokens.keep(token, std::move(bearer), now);
    return token;
}

Result<std::shared_ptr<const broker::Bearer>> check_token(Parts& parts, std::string_view token) {
    const std::time_t now = std::time(nullptr);
    if (auto known = parts.tokens.find(token, now)) return known;
    HALLMARK_TRY(Json claims, tokens::check_token(token, {parts.token_key->public_key()}, now));
    HALLMARK_TRY(broker::Bearer bearer, broker::read_bearer(std::move(claims)));
    return parts.tokens.keep(token, std::move(bearer), now);
}

void add_tokens(broker::Services& services, const Shared& parts) {
    services.read_key = [](const Json& jwk) { return jose::Jwk::parse(jwk, "tee-pubkey"); };
    services.issue_token = [parts](const verifier::Verified& verified, const appraisal::Appraisal& appraisal,
                                   const Json& runtime_data, const Json& init_data, const jose::Jwk& key) {
        return issue_token(
            *parts,
            {.appraisal = appraisal, .verified = verified, .runtime_data = runtime_data, .init_data = init_data}, key);
    };
    services.check_token = [parts](std::string_view token) { return check_token(*parts, token); };
    services.wrap = [](ByteSpan secret, const jose::Jwk& key) -> Result<std::string> {
        HALLMARK_TRY(const Json jwe, jose::encrypt(secret, key));
        return jwe.dump();
    };
    services.key_set = [parts] { return tokens::key_set({parts->token_key->public_key()}).dump(); };
    services.administrator = [parts](std::string_view token) -> Result<broker::Administrator> {
        if (!parts->admin_key) return refused("this key broker was started without --admin-key: nobody administrates");
        HALLMARK_TRY(const auto found, tokens::check_admin_token(token, *parts->admin_key, std::time(nullptr)));
        return broker::Administrator{found.subject + " (" + found.role + ", key " + found.key + ")"};
    };
}

Result<std::string> reference_value(const Parts& parts, std::string_view name) {
    HALLMARK_TRY(const auto values, parts.values->find(name, std::time(nullptr)));
    if (values.empty()) return std::string("null");
    Json list = Json::array();
    for (const auto& value : values) list.push_back(value.value);
    return list.dump();
}

Result<std::string> reference_value_sets(const Parts& parts) {
    HALLMARK_TRY(const auto sets, parts.values->sets());
    Json list = Json::array();
    for (const auto& set : sets)
        list.push_back({{"source", set.source},
                        {"set", set.name},
                        {"registered", set.registered},
                        {"expires", set.expires},
                        {"values", set.values}});
    return list.dump();
}

void add_store(broker::Services& services, const Shared& parts) {
    services.read = [parts](const keys::ResourcePath& path) { return parts->store->read(path); };
    services.write = [parts](const keys::ResourcePath& path, ByteSpan secret) {
        return parts->store->write(path, secret);
    };
    services.remove = [parts](const keys::ResourcePath& path) { return parts->store->remove(path); };
    services.appraisal_policy = [parts]() -> Result<std::string> { return parts->appraisal.text(); };
    services.set_appraisal_policy = [parts](std::string_view text) {
        return parts->appraisal.set(text, "attestation-policy");
    };
    services.release_policy = [parts]() -> Result<std::string> { return parts->release.text(); };
    services.set_release_policy = [parts](std::string_view text) {
        return parts->release.set(text, "resource-policy");
    };
    services.register_reference_values = [parts](std::string_view message) -> Status {
        HALLMARK_TRY(const auto document, reference::read_document(message, "reference-value"));
        return parts->values->add(document, std::time(nullptr));
    };
    services.reference_value_sets = [parts] { return reference_value_sets(*parts); };
    services.reference_value = [parts](std::string_view name) { return reference_value(*parts, name); };
    services.remove_reference_value = [parts](std::string_view name) { return parts->values->remove_name(name); };
    services.remove_reference_value_set = [parts](std::string_view set) { return parts->values->remove_set(set); };
}

Status record(Parts& parts, const broker::Event& event) {
    keys::AuditEvent line{.outcome = event.granted ? keys::AuditOutcome::kReleased : keys::AuditOutcome::kRefused,
                          .who = event.who,
                          .peer = event.peer,
                          .what = event.what,
                          .verdict = event.verdict,
                          .why = event.why,
                          .tee = event.tee,
                          .simulated = event.simulated};
    // A token alone opens nothing here: the line of what it opens takes this one to the disk.
    const bool only_token = event.kind == broker::Event::Kind::kAttest && event.granted;
    return only_token ? parts.audit->note(std::move(line)) : parts.audit->append(std::move(line));
}

std::string told(const std::string& what, const Result<bool>& reread) {
    if (!reread) return what + ": stays as it was: " + reread.error().message;
    return what + (*reread ? ": read again" : ": has not changed");
}

std::vector<std::string> reread(Parts& parts) {
    const auto log = parts.audit->reopen();
    return {log ? "audit log: goes on under its name" : "audit log: goes on in its old file: " + log.error().message,
            told("appraisal policy", parts.appraisal.reread()), told("release policy", parts.release.reread())};
}

}  // namespace

Result<RelyingParty> open_relying_party(const RelyingPartyOptions& options) {
    std::error_code error;
    fs::create_directories(options.data, error);
    if (!error) fs::permissions(options.data, fs::perms::owner_all, error);
    if (error) return bad_input(options.data.string() + ": " + error.message());
    HALLMARK_TRY(const Shared parts, open_parts(options));
    RelyingParty party;
    auto& services = party.services;
    add_evidence(services, parts);
    add_tokens(services, parts);
    add_store(services, parts);
    services.record = [parts](const broker::Event& event) { return record(*parts, event); };
    party.reread = [parts] { return reread(*parts); };
    return party;
}

}  // namespace hallmark::cli
