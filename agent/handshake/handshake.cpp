// SPDX-License-Identifier: Apache-2.0
#include "agent/handshake/handshake.hpp"

#include <ctime>
#include <string_view>
#include <utility>

#include "agent/handshake/facts.hpp"
#include "agent/handshake/remedy.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"

namespace hallmark::handshake {
namespace {

constexpr unsigned kSecretMode = 0600;

/// A handshake that runs: each step adds itself to the account, and says whether to go on.
class Run {
public:
    Run(const Plan& plan, Account& account, guest::EvidenceSource& tee, kbs::GuestClient client)
        : plan_(plan), account_(account), tee_(tee), client_(std::move(client)) {}

    bool steps() {
        return launch() && auth() && evidence() && attest() && (plan_.resource.empty() ? judge() : resource());
    }

private:
    Step& begin(std::string name) { return account_.steps.emplace_back(Step{.name = std::move(name)}); }
    bool fail(const Error& error, std::string remedy) {
        auto& step = account_.steps.back();
        step.why = error.message;
        step.remedy = std::move(remedy);
        account_.outcome = error.fault == Fault::kNo ? Outcome::kRefused : Outcome::kFailed;
        return false;
    }
    /// After a request to the broker.
    bool answered(const Status& status) {
        auto& step = account_.steps.back();
        if (!client_.last().method.empty()) step.exchange = client_.last();
        return status || fail(status.error(), remedy_for(client_.last()));
    }

    bool launch();
    bool auth();
    bool evidence();
    bool attest();
    bool judge();
    bool resource();
    bool keep(ByteSpan secret);

    const Plan& plan_;
    Account& account_;
    guest::EvidenceSource& tee_;
    kbs::GuestClient client_;
    kbs::ReportData report_data_{};
    Json evidence_;
    std::string verdict_;
};

bool Run::launch() {
    auto& step = begin("tee");
    step.got = "this guest is " + std::string(tee_.tee()) + " to the broker; evidence from: " + tee_.name();
    if (!plan_.init_data) return true;
    if (const auto bound = tee_.check_init_data(plan_.init_data->digest); !bound)
        return fail(bound.error(), "give the init-data that the guest was started with (hallmark-boot --init-data)");
    step.facts.emplace_back("init-data", to_hex(plan_.init_data->digest) + ", as the launch was bound to it");
    return true;
}

bool Run::auth() {
    begin("auth").sent = "protocol " + std::string(plan_.access.version->number) + ", TEE " + std::string(tee_.tee());
    const auto challenge = client_.challenge();
    if (!answered(challenge ? Status{} : Status(std::unexpected(challenge.error())))) {
        // All that a broker can refuse here is the version and the kind of TEE.
        if (client_.last().status != 0 && !client_.last().may_pass)
            account_.steps.back().remedy =
                "check that the broker takes this kind of TEE, and this version of the protocol "
                "(hallmark.kbs_protocol in the file of -c)";
        return false;
    }
    report_data_ = *challenge;
    account_.steps.back().got = "a nonce, and a session";
    return true;
}

bool Run::evidence() {
    auto& step = begin("evidence");
    const auto digest = ByteSpan(report_data_).first(kbs::kReportDigestSize);
    step.sent = "to the TEE: SHA-384 of the nonce and a new key, " + to_hex(digest);
    auto evidence = tee_.evidence(digest);
    if (!evidence) return fail(evidence.error(), "the TEE gives no evidence: see the guest's console");
    evidence_ = std::move(*evidence);
    auto facts = facts_of_evidence(tee_.tee(), evidence_);
    if (!facts) return fail(facts.error(), "the TEE gives evidence that can't be read: see the guest's console");
    step.got = "evidence of " + std::to_string(evidence_.dump().size()) + " bytes";
    step.facts = std::move(*facts);
    return true;
}

bool Run::attest() {
    const bool document = plan_.init_data && plan_.init_data->document;
    begin("attest").sent =
        document ? "the evidence, the public key and the init-data" : "the evidence and the public key";
    if (!answered(client_.attest(evidence_, document ? plan_.init_data->document : std::nullopt))) return false;
    auto& step = account_.steps.back();
    auto verdict = verdict_in(client_.token(), std::time(nullptr));
    if (!verdict) return fail(verdict.error(), "the broker's token can't be read: check what is at this address");
    verdict_ = std::move(verdict->status);
    step.got = verdict_.empty() ? "a token without a verdict" : "a token; the verdict is " + verdict_;
    step.facts = std::move(verdict->facts);
    return true;
}

bool Run::judge() {
    if (verdict_.empty() || verdict_ == "affirming") return true;
    return fail(Error{Fault::kNo, "the verdict is " + verdict_ + ", expected affirming: see trustworthiness above"},
                "register the reference values of this image and platform (hallmark-kbs reference-values add), and "
                "see with hallmark-kbs verify which claim does not match");
}

bool Run::resource() {
    begin("resource");
    const auto secret = client_.resource(plan_.resource);
    if (!answered(secret ? Status{} : Status(std::unexpected(secret.error())))) return false;
    account_.steps.back().got = "a secret of " + std::to_string(secret->bytes().size()) + " bytes";
    return plan_.output.empty() || keep(secret->bytes());
}

bool Run::keep(ByteSpan secret) {
    constexpr const char* kRemedy = "name a file that is not there yet, in a folder that can be written";
    const auto created = create_file(plan_.output, secret, kSecretMode);
    if (!created) return fail(created.error(), kRemedy);
    if (!*created) return fail(Error{Fault::kBadInput, plan_.output + ": is there already, and stays"}, kRemedy);
    account_.steps.back().got += ", now in " + plan_.output;
    return true;
}

Result<kbs::GuestClient> client_of(const Plan& plan, std::string_view tee) {
    HALLMARK_TRY(auto key, jose::KeyPair::generate(plan.key_kind));
    return kbs::GuestClient::open(plan.access, std::string(tee), std::move(key));
}

}  // namespace

Account shake_hands(const Plan& plan, const Result<std::unique_ptr<guest::EvidenceSource>>& evidence) {
    Account account{.broker = plan.access.url, .protocol = std::string(plan.access.version->number)};
    const auto cannot_begin = [&account](const Error& error, const char* remedy) {
        account.steps.push_back({.name = "tee", .why = error.message, .remedy = remedy});
        return account;
    };
    if (!evidence) return cannot_begin(evidence.error(), "run this in a confidential guest");
    auto client = client_of(plan, (*evidence)->tee());
    if (!client) return cannot_begin(client.error(), "check the address");
    if (Run(plan, account, **evidence, std::move(*client)).steps()) account.outcome = Outcome::kGranted;
    return account;
}

}  // namespace hallmark::handshake
