// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "agent/init-data/settings.hpp"
#include "agent/ports/discovery.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// Where init-data lies for the agents, below `folder`: initdata.toml, the document's very bytes; aa.toml and cdh.toml,
/// what it has under these keys. Source: kata-containers, src/agent/src/initdata.rs, revision 7c6ba40.
constexpr const char* kInitDataFolder = "/run/confidential-containers/initdata";

struct InitData {
    Settings settings{};            ///< of "hallmark.toml"; none of it where the document has no such key
    bool has_agent_config = false;  ///< aa.toml was written
    bool has_hub_config = false;    ///< cdh.toml was written
};

/// Reads the guest's init-data and writes those files; nothing where the guest was given none. Until the attestation
/// agent has found its digest in the launch, it is whatever the host likes: nothing may act on it before.
Result<std::optional<InitData>> take_init_data(const Roots& roots, const std::string& folder = kInitDataFolder);

}  // namespace hallmark::guest
