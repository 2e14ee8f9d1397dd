// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/attestation/config.hpp"
#include "agent/attestation/token_cache.hpp"
#include "agent/evidence/runtime_events.hpp"
#include "agent/evidence/source.hpp"
#include "common/deadline.hpp"

namespace hallmark::attestation {

/// Speaks for the guest: gives evidence of it, and gets tokens for that evidence. Several threads may ask at once.
class AttestationAgent {
public:
    using Token = TokenCache::Shared;

    /// `evidence` and `events` outlive this. With the modules that the configuration names an address for.
    AttestationAgent(const Config& config, guest::EvidenceSource& evidence, guest::RuntimeEvents& events,
                     const std::optional<std::string>& init_data);
    /// With these, by the type of their tokens.
    AttestationAgent(guest::EvidenceSource& evidence, guest::RuntimeEvents& events,
                     std::map<std::string, std::unique_ptr<TokenModule>> modules);

    /// The JSON of fresh evidence over at most 64 bytes. Where events have no register and are to be vouched for
    /// nevertheless, report data is bind_entries() of them, and the member "runtime_events" has the log and says so.
    Result<std::string> evidence(ByteSpan runtime_data);
    /// A token of the type "kbs" or "coco_as"; see TokenCache::get(). Fault::kBadInput where nobody gives such tokens.
    Result<Token> token(std::string_view type, Deadline deadline, bool fresh = false);
    Result<guest::Extended> extend(const guest::RuntimeEvent& event);
    /// Refused where the launch was not bound to init-data of this digest.
    Status bind_init_data(ByteSpan digest);
    /// "snp", "tdx", "sample"
    [[nodiscard]] std::string tee_type() const { return std::string(evidence_.tee()); }

private:
    Result<std::string> bound_evidence(ByteSpan runtime_data);

    guest::EvidenceSource& evidence_;
    guest::RuntimeEvents& events_;
    std::map<std::string, std::unique_ptr<TokenCache>, std::less<>> tokens_;
};

}  // namespace hallmark::attestation
