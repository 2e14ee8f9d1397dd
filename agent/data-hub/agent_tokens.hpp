// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "agent/data-hub/token_source.hpp"
#include "agent/ttrpc/client.hpp"

namespace hallmark::hub {

/// Tokens of the attestation agent. One is kept until somebody discards it, so that a secret costs no attestation; who
/// asks while it is fetched waits for the same one.
class AgentTokens final : public TokenSource {
public:
    explicit AgentTokens(ttrpc::Client agent) : agent_(std::move(agent)) {}

    Result<KbsToken> token(Deadline deadline) override;
    void discard(const std::string& token) override;

private:
    Result<KbsToken> fetch(Deadline deadline) const;

    ttrpc::Client agent_;
    std::timed_mutex mutex_;  ///< guards what follows, also while it is fetched
    std::optional<KbsToken> kept_;
    bool discarded_ = false;  ///< the agent must not give the one that it keeps
};

}  // namespace hallmark::hub
