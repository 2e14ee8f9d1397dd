// SPDX-License-Identifier: Apache-2.0
// attestation_agent.AttestationAgentService. Source: Confidential Containers, guest-components,
// attestation-agent/protos/attestation-agent.proto, revision 8246e5e.
#pragma once

#include "agent/attestation/agent.hpp"
#include "agent/ttrpc/methods.hpp"

namespace hallmark::attestation {

/// All methods of the service; `agent` outlives them.
ttrpc::Methods methods_of(AttestationAgent& agent);

}  // namespace hallmark::attestation
