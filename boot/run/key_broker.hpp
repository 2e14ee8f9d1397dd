// SPDX-License-Identifier: Apache-2.0
// The guest's side of the key broker protocol, spoken for it over its control port.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"
#include "common/formats/guest_port.hpp"
#include "common/kbs/guest_client.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::boot {

/// Puts a broker's answer into the outcome, which is proven only where both agree; a refusal comes first in the reason.
/// True where the secret may be kept.
bool conclude(const std::string& resource, const Result<Secret>& answer, Outcome& outcome);

/// The broker that a request names, or none.
class KeyBroker {
public:
    /// Nothing is sent.
    static Result<KeyBroker> open(const Request& request);

    /// What the guest is challenged with: what a session of the broker asks for, else random bytes.
    Result<std::array<std::uint8_t, 64>> challenge();

    /// Asks for the secret with the guest's evidence, whatever was found wrong with it here: the broker is the judge of
    /// what it gives out. The secret is written where both agree. Does nothing where there is no broker.
    Status settle(const guest_port::Evidence& evidence, Outcome& outcome, Journal& journal);

private:
    KeyBroker(BrokerRequest wanted, std::optional<kbs::GuestClient> client)
        : wanted_(std::move(wanted)), client_(std::move(client)) {}

    BrokerRequest wanted_;
    std::optional<kbs::GuestClient> client_;
};

}  // namespace hallmark::boot
