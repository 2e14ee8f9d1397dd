// SPDX-License-Identifier: Apache-2.0
// The image puller's part of the data hub's configuration.
// Source: Confidential Containers, guest-components 8246e5e, image-rs/src/config.rs ([image]).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/registry/registries_conf.hpp"
#include "agent/registry/transport.hpp"
#include "common/result.hpp"
#include "common/toml.hpp"

namespace hallmark::image_puller {

/// Empty texts are not set. A URI is kbs:///REPOSITORY/TYPE/TAG or file:///PATH; where a value is there too, the URI
/// wins.
struct Config {
    std::string work_dir = "/run/kata-containers/image/";
    std::string policy_uri;  ///< of containers-policy.json
    std::string policy;
    bool must_have_policy = false;  ///< agent.enable_signature_verification of the kernel's command line
    std::string lookaside_uri;      ///< of a document as in registries.d
    std::string lookaside;
    std::string credentials_uri;  ///< of containers-auth.json
    std::string registries_uri;   ///< of registries.conf
    registry::RegistriesConf registries;
    std::uint32_t layers_at_once = 3;
    registry::Proxies proxies;
    std::vector<std::string> extra_roots;  ///< PEM
};

/// The table [image]. Unknown keys are noted but for those of registries, where a misspelt one could lead elsewhere.
Result<Config> parse_config(const Toml& table, std::vector<std::string>& unknown);

/// What the kernel's command line, which is measured, says of what the configuration leaves open: agent.https_proxy,
/// agent.http_proxy, agent.no_proxy, agent.image_registry_auth, agent.image_policy_file; and
/// agent.enable_signature_verification=true, with which a policy must be there.
Status apply_command_line(Config& config, std::string_view command_line);

}  // namespace hallmark::image_puller
