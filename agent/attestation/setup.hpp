// SPDX-License-Identifier: Apache-2.0
// What this guest is attested with and by whom: the same for the agent and for people who try it.
#pragma once

#include <memory>
#include <string>

#include "agent/attestation/config.hpp"
#include "agent/evidence/platform.hpp"
#include "agent/ports/discovery.hpp"
#include "common/result.hpp"

namespace hallmark::attestation {

/// What a file says (an empty path: the defaults), and where that names no key broker, the one of AA_KBC_PARAMS or of
/// the kernel's command line.
Result<Config> read_config(const std::string& file, const guest::Roots& roots);

/// The TEE, real or simulated. A null pointer where there is none and the configuration asks for sample evidence;
/// refused where it doesn't.
Result<std::unique_ptr<guest::PlatformEvidence>> find_platform(const Config& config, const guest::Roots& roots);

/// Where the agent keeps the log of runtime events.
std::string event_folder(const guest::Roots& roots);

}  // namespace hallmark::attestation
