// SPDX-License-Identifier: Apache-2.0
// The data hub's configuration, in TOML or JSON.
// Source: Confidential Containers, guest-components 8246e5e, confidential-data-hub/hub/src/config (keys, environment).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/image-puller/config.hpp"
#include "common/result.hpp"

namespace hallmark::hub {

/// Where secrets come from.
struct KbcConfig {
    std::string name = "offline_fs_kbc";  ///< or "cc_kbc"
    std::string url;                      ///< of the broker
    std::string certificate;              ///< PEM: trusted in place of the system's authorities; empty: those
};

/// A resource that is written to a file at the start.
struct Credential {
    std::string resource_uri;
    std::string path;
};

struct Config {
    std::string socket = "unix:///run/confidential-containers/cdh.sock";
    std::string aa_socket = "unix:///run/confidential-containers/attestation-agent/attestation-agent.sock";
    KbcConfig kbc;
    std::vector<Credential> credentials;
    image_puller::Config image;
    std::string log_level = "info";
    bool skip_sealed_secret_verification = false;
    std::vector<std::string> unknown_keys;  ///< "cdh.toml: line 3: services_dir"; they change nothing
};

/// A configuration file; `what` names it in errors.
Result<Config> parse_config(std::string_view text, const std::string& what);

/// What else decides, beside the file.
struct Surroundings {
    std::function<std::optional<std::string>(const char*)> variable;  ///< of the environment
    std::string command_line;                                         ///< the kernel's, which is measured
};

/// Without a file the broker is the kernel command line's (agent.aa_kbc_params); in any case AA_KBC_PARAMS, AA_SOCKET
/// and SKIP_SEALED_SECRET_VERIFICATION overrule, KBS_CERT stands in for a missing kbs_cert, and the command line's
/// cdh.kbs_resources are added.
Status apply_surroundings(Config& config, bool from_file, const Surroundings& surroundings);

}  // namespace hallmark::hub
