// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "agent/ports/discovery.hpp"

namespace hallmark::attestation {

/// The attestation agent, until SIGTERM or SIGINT. `words` are its arguments without its name. Exit status: 0 it was
/// told to end; 1 the init-data is not what the launch was bound to, or the guest has no evidence; 2 bad arguments or
/// configuration.
int run_attestation_agent(std::span<const char* const> words, const guest::Roots& roots);

}  // namespace hallmark::attestation
