// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/kbs_tokens.hpp"

#include <openssl/crypto.h>

#include <ctime>
#include <utility>

#include "agent/attestation/token_life.hpp"
#include "agent/daemon/step.hpp"
#include "common/json.hpp"

namespace hallmark::attestation {
namespace {

using guest::Station;
using guest::step;

Failure failed(const kbs::GuestClient& client, Error error) { return {std::move(error), client.last().may_pass}; }

Secret answer_of(const std::string& token, const Secret& key) {
    std::string pem(key.bytes().begin(), key.bytes().end());
    // A token has no character that JSON escapes, and of PEM only the line ends are.
    std::string text = R"({"token":")" + token + R"(","tee_keypair":")";
    text.reserve(text.size() + 2 * pem.size());  // so that nothing of the key is left where it grew from
    for (const char c : pem) {
        if (c == '\n')
            text += "\\n";
        else if (c != '\r')
            text += c;
    }
    text += "\"}";
    Secret answer(Bytes(text.begin(), text.end()));
    OPENSSL_cleanse(pem.data(), pem.size());
    OPENSSL_cleanse(text.data(), text.size());
    return answer;
}

}  // namespace

KbsTokens::KbsTokens(const Config& config, guest::EvidenceSource& evidence, std::optional<std::string> init_data)
    : access_{.url = config.kbs_url,
              .certificate = {},
              .trusted = http::Authorities(config.kbs_certificate_pem),
              .insecure_http = true,
              .version = config.kbs_protocol,
              .connect = kConnect,
              .whole = kOneRequest},
      key_kind_(config.tee_key),
      evidence_(evidence),
      init_data_(std::move(init_data)) {}

std::expected<Token, Failure> KbsTokens::get() {
    auto key = jose::KeyPair::generate(key_kind_);
    if (!key) return std::unexpected(Failure{key.error()});
    auto client = kbs::GuestClient::open(access_, std::string(evidence_.tee()), std::move(*key));
    if (!client) return std::unexpected(Failure{client.error()});
    step(Station::kBrokerAsked, access_.url);
    const auto challenge = client->challenge();
    if (!challenge) {
        Error error = challenge.error();
        // All that a broker can refuse here is the version and the kind of TEE.
        if (error.fault == Fault::kNo)
            error.message += " (asked for a " + std::string(evidence_.tee()) + " in KBS protocol " +
                             std::string(access_.version->number) + "; hallmark.kbs_protocol chooses another version)";
        return std::unexpected(failed(*client, std::move(error).at(access_.url)));
    }
    step(Station::kChallenged, "a nonce for evidence of " + std::string(evidence_.tee()));
    // The digest itself: each TEE pads it as it needs.
    auto evidence = evidence_.evidence(ByteSpan(*challenge).first(kbs::kReportDigestSize));
    if (!evidence) return std::unexpected(Failure{evidence.error().at("evidence")});
    step(Station::kEvidence, std::string(evidence_.tee()));
    if (const auto attested = client->attest(std::move(*evidence), init_data_); !attested)
        return std::unexpected(failed(*client, attested.error().at(access_.url)));
    step(Station::kVerified, access_.url);
    step(Station::kResults, "a token of " + std::to_string(client->token().size()) + " bytes");
    const auto pem = client->key().to_tee_pem();
    if (!pem) return std::unexpected(Failure{pem.error()});
    return Token{.answer = answer_of(client->token(), *pem), .life = token_life(client->token(), std::time(nullptr))};
}

}  // namespace hallmark::attestation
