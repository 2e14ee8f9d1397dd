// SPDX-License-Identifier: Apache-2.0
#include "boot/run/key_broker.hpp"

#include <cstdio>
#include <string>

#include "boot/run/image.hpp"
#include "common/file.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/tdx_evidence.hpp"

namespace hallmark::boot {
namespace {

constexpr unsigned kOwnerOnly = 0600;

/// As the protocol carries it.
Result<Json> json_of(const guest_port::Evidence& evidence) {
    if (evidence.kind == guest_port::Kind::kTdxQuote) {
        tdx::Evidence parts{.quote = evidence.report, .event_log = {}};
        if (!evidence.event_log.empty()) parts.event_log = evidence.event_log;
        return tdx::to_json(parts);
    }
    HALLMARK_TRY(const auto parts, snp::evidence_of(evidence.report, evidence.certificates));
    return snp::evidence_json(parts);
}

Result<Secret> ask(kbs::GuestClient& client, const std::string& resource, const guest_port::Evidence& evidence) {
    const auto json = json_of(evidence);
    // What a guest sends that has no such form is the guest's fault.
    if (!json) return refused("the evidence can't be sent: " + json.error().message);
    HALLMARK_CHECK(client.attest(*json));
    return client.resource(resource);
}

Status write(const BrokerRequest& wanted, ByteSpan secret) {
    if (wanted.secret.empty()) return {};
    if (!wanted.on_standard_output()) return write_file(wanted.secret, secret, kOwnerOnly);
    if (std::fwrite(secret.data(), 1, secret.size(), stdout) == secret.size() && std::fflush(stdout) == 0) return {};
    return bad_input("standard output: can't be written");
}

}  // namespace

Result<KeyBroker> KeyBroker::open(const Request& request) {
    const BrokerRequest& wanted = request.broker;
    if (wanted.url.empty()) return KeyBroker({}, std::nullopt);
    const char* tee = request.tee == Tee::kSimulatedTdx || request.tee == Tee::kTdx ? "tdx" : "snp";
    HALLMARK_TRY(
        auto client,
        kbs::GuestClient::open(
            {.url = wanted.url, .certificate = wanted.certificate, .insecure_http = wanted.insecure_http}, tee));
    return KeyBroker(wanted, std::move(client));
}

Result<std::array<std::uint8_t, 64>> KeyBroker::challenge() {
    if (!client_) return make_challenge();
    auto challenge = client_->challenge();
    if (!challenge && challenge.error().fault == Fault::kNo)
        return std::unexpected(challenge.error().at("the key broker opens no session"));
    return challenge;
}

bool conclude(const std::string& resource, const Result<Secret>& answer, Outcome& outcome) {
    outcome.release = Release{.resource = resource, .granted = answer.has_value()};
    if (!answer) {
        outcome.release->refusal = answer.error().message;
        const std::string refusal = "the key broker refuses " + resource + ": " + answer.error().message;
        outcome.reason = outcome.proven ? refusal : refusal + "; seen here: " + outcome.reason;
        outcome.proven = false;
        return false;
    }
    outcome.reason += "; the key broker gives " + resource;
    if (!outcome.proven) outcome.reason += " nevertheless, and it was thrown away";
    return outcome.proven;
}

Status KeyBroker::settle(const guest_port::Evidence& evidence, Outcome& outcome, Journal& journal) {
    if (!client_) return {};
    const auto secret = ask(*client_, wanted_.resource, evidence);
    if (!secret && secret.error().fault == Fault::kBadInput) return std::unexpected(secret.error());
    const bool keep = conclude(wanted_.resource, secret, outcome);
    journal.step("ask the key broker", secret ? std::to_string(secret->bytes().size()) + " bytes" : "refused");
    return keep ? write(wanted_, secret->bytes()) : Status();
}

}  // namespace hallmark::boot
