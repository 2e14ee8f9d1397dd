// SPDX-License-Identifier: Apache-2.0
// Secrets of a key broker ("cc_kbc"): asked for with the token that the attestation agent got.
// Source: Confidential Containers, KBS attestation protocol 0.4.0; guest-components 8246e5e, kbs_protocol (retries).
#pragma once

#include <memory>
#include <utility>

#include "agent/data-hub/resource_source.hpp"
#include "agent/data-hub/token_source.hpp"
#include "common/kbs/guest_client.hpp"

namespace hallmark::hub {

class BrokerSource final : public ResourceSource {
public:
    BrokerSource(kbs::GuestAccess access, std::unique_ptr<TokenSource> tokens)
        : access_(std::move(access)), tokens_(std::move(tokens)) {}

    /// Attests anew where the broker doesn't take the token, at most three times in all; every other refusal is final.
    Result<Secret> get(const kbs::ResourceUri& uri, Deadline deadline) override;

private:
    kbs::GuestAccess access_;
    std::unique_ptr<TokenSource> tokens_;
};

}  // namespace hallmark::hub
