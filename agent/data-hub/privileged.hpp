// SPDX-License-Identifier: Apache-2.0
// The process beside the data hub, which keeps what the hub gives up: it can make files of any owner, and mounts. It
// hears nobody but root, reads nothing but who wants which image or disk, and starts a program of its own for each:
// what comes from registries is unpacked there, behind a filter, and is gone with it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/result.hpp"

namespace hallmark::hub {

/// What each program that it starts is told.
struct PrivilegedSetup {
    std::string socket;                 ///< path on which it listens
    std::optional<std::string> config;  ///< -c of the hub
    std::string hub;                    ///< unix:///PATH of the hub
    std::string agent;                  ///< unix:///PATH of the attestation agent
};

/// Listens, and starts the process; it ends with this one. To be called before there is a second thread, and before
/// privileges are given up. On return it takes requests.
Status start_privileged(const PrivilegedSetup& setup);

}  // namespace hallmark::hub
