// SPDX-License-Identifier: Apache-2.0
// What the configuration names, fetched and read: where images come from, and which of them may run.
#pragma once

#include <optional>

#include "agent/image-policy/lookaside.hpp"
#include "agent/image-policy/policy.hpp"
#include "agent/image-policy/trusted_keys.hpp"
#include "agent/image-puller/config.hpp"
#include "agent/registry/client.hpp"
#include "common/result.hpp"

namespace hallmark::image_puller {

struct Sources {
    registry::Settings registry;
    std::optional<image_policy::Policy> policy;  ///< none: every image may run
    image_policy::LookasideConfig lookaside;
};

/// `get` is asked for what kbs:/// URIs name. Proxies that the configuration does not name are the environment's.
Result<Sources> find_sources(const Config& config, const image_policy::GetResource& get);

/// Asks stores of signatures over HTTP, of the servers that the registries' settings trust and through their proxies.
Result<image_policy::FetchUrl> signature_fetcher(const registry::Settings& settings);

}  // namespace hallmark::image_puller
