// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/agent_tokens.hpp"

#include <proto/attestation_agent.pb.h>

#include <chrono>

#include "agent/daemon/step.hpp"
#include "common/secret.hpp"

namespace hallmark::hub {
namespace {

constexpr std::string_view kService = "attestation_agent.AttestationAgentService";
constexpr std::string_view kBusy = "attestation agent: no token yet, and no time is left to wait for one";

}  // namespace

Result<KbsToken> AgentTokens::fetch(Deadline deadline) const {
    attestation_agent::GetTokenRequest request;
    request.set_tokentype("kbs");
    request.set_fresh(discarded_);
    const std::chrono::milliseconds left(milliseconds_until(deadline));
    if (left.count() == 0) return refused(std::string(kBusy));
    guest::step(guest::Station::kTokenAsked, "for a token of the broker");
    auto answer = agent_.call<attestation_agent::GetTokenResponse>(kService, "GetToken", request, left);
    if (!answer) return refused("attestation agent: " + answer.error().message);
    auto token = parse_kbs_token(as_bytes(answer->token()));
    wipe(*answer->mutable_token());
    return token;
}

Result<KbsToken> AgentTokens::token(Deadline deadline) {
    const std::unique_lock lock(mutex_, deadline);
    if (!lock.owns_lock()) return refused(std::string(kBusy));
    if (!kept_) {
        HALLMARK_TRY(kept_, fetch(deadline));
        discarded_ = false;
    }
    return *kept_;
}

void AgentTokens::discard(const std::string& token) {
    const std::lock_guard lock(mutex_);
    if (!kept_ || kept_->token != token) return;
    kept_.reset();
    discarded_ = true;
}

}  // namespace hallmark::hub
