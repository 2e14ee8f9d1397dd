// SPDX-License-Identifier: Apache-2.0
// The daemons of a guest, as the kata-agent starts them. Source: kata-containers, src/agent/src/main.rs
// (init_attestation_components), revision 7c6ba40.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/init-data/init_data.hpp"

namespace hallmark::guest {

struct Daemon {
    std::vector<std::string> argv;         ///< the first word is the program's path
    std::vector<std::string> environment;  ///< all of it: "NAME=VALUE"
    std::string socket{};                  ///< unix socket on which it listens; empty: on `port`
    std::uint16_t port = 0;                ///< of 127.0.0.1
    bool essential = false;                ///< the guest ends where it can't be kept running

    /// "attestation-agent"
    [[nodiscard]] std::string name() const;
};

constexpr const char* kAgentSocket = "/run/confidential-containers/attestation-agent/attestation-agent.sock";
constexpr const char* kHubSocket = "/run/confidential-containers/cdh.sock";

/// Whether a daemon's program is in the root: one that is not there is not started, as the kata-agent does.
bool is_installed(const Daemon& daemon);

/// `data` is null where the guest was given no init-data: then the attestation agent is told to end where the launch
/// was bound to any, which the kata-agent does not ask of it.
Daemon attestation_agent(const InitData* data);
Daemon confidential_data_hub(const InitData* data);
Daemon api_server_rest();

}  // namespace hallmark::guest
