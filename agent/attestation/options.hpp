// SPDX-License-Identifier: Apache-2.0
// The attestation agent's command line, as the kata-agent gives it. Source: Confidential Containers, guest-components,
// attestation-agent, revision 8246e5e; kata-containers, src/agent, revision 7c6ba40.
#pragma once

#include <span>
#include <string>

#include "common/result.hpp"

namespace hallmark::attestation {

struct Options {
    std::string socket =
        "unix:///run/confidential-containers/attestation-agent/attestation-agent.sock";  ///< parsed: a path
    std::string config;            ///< -c, --config-file; empty: none
    std::string init_data;         ///< --initdata-toml; empty: none
    std::string init_data_digest;  ///< --initdata-digest, base64; empty: none
    bool help = false;
};

/// What stands behind the program's, or the part's, name. "--name value" and "--name=value" are the same.
Result<Options> parse_options(std::span<const char* const> words);

/// What --help prints.
extern const char* const kHelp;

}  // namespace hallmark::attestation
