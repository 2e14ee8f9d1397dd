// SPDX-License-Identifier: Apache-2.0
// The attestation agent's configuration. Source: Confidential Containers, guest-components,
// attestation-agent/attestation-agent/config.example.toml, revision 8246e5e.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/jose/jwk.hpp"
#include "common/kbs/versions.hpp"
#include "common/result.hpp"

namespace hallmark::attestation {

inline constexpr std::size_t kLargestConfig = 1024 * 1024;  // bytes

enum class LogLevel { kOff, kError, kWarn, kInfo };

struct Config {
    // token_configs.kbs
    std::string kbs_url;              ///< empty: there is no key broker
    std::string kbs_certificate_pem;  ///< trusted in place of the system's authorities; empty: those
    jose::KeyKind tee_key = jose::KeyKind::kP256;
    // token_configs.coco_as
    std::string coco_as_url;  ///< empty: there is no attestation service
    // eventlog_config
    std::uint32_t init_pcr = 17;
    bool enable_eventlog = false;
    // log
    LogLevel log_level = LogLevel::kInfo;
    // hallmark: ours, ignored by others
    const kbs::Version* kbs_protocol = &kbs::kVersions[0];
    bool sample_evidence = false;  ///< hallmark.evidence = "sample"
    bool bind_eventlog = false;    ///< hallmark.bind_eventlog: into the report data, where no register is for events

    std::vector<std::string> unknown_keys;  ///< where each stands
};

/// TOML, or JSON where the first sign is a brace. Every key may be missing; one that is unknown is a warning, as other
/// agents pass it over; one of another type is an error. `what` names the source in errors.
Result<Config> parse_config(std::string_view text, const std::string& what);

/// The key broker's address where no configuration names one: the value of AA_KBC_PARAMS ("cc_kbc::URL"), else
/// agent.aa_kbc_params on the kernel's command line. Nothing where neither has one for this broker.
Result<std::optional<std::string>> kbs_url_of(std::string_view aa_kbc_params, std::string_view command_line);

}  // namespace hallmark::attestation
