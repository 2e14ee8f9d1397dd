// SPDX-License-Identifier: Apache-2.0
// The attestation agent's command line, as the kata-agent gives it. Source: Confidential Containers, guest-components,
// attestation-agent, revision 8246e5e; kata-containers, src/agent, revision 7c6ba40.
#pragma once

#include <string>

#include "agent/daemon/arguments.hpp"
#include "common/result.hpp"

namespace hallmark::attestation {

struct Options {
    std::string socket;            ///< -a, --attestation_sock: a path
    std::string config;            ///< -c, --config-file; empty: none
    std::string init_data;         ///< --initdata-toml; empty: none
    std::string init_data_digest;  ///< --initdata-digest, base64; empty: none
};

/// What it takes, not yet parsed.
guest::Arguments accepted_arguments();

/// Of arguments that were parsed.
Result<Options> options_of(const guest::Arguments& arguments);

}  // namespace hallmark::attestation
