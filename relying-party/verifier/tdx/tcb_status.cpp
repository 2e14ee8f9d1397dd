// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/tcb_status.hpp"

#include <array>
#include <utility>

namespace hallmark::verifier {
namespace {

constexpr auto kStatuses = std::to_array<std::pair<std::string_view, TcbStatus>>({
    {"UpToDate", {}},
    {"SWHardeningNeeded", {.sw_hardening_needed = true}},
    {"ConfigurationNeeded", {.configuration_needed = true}},
    {"ConfigurationAndSWHardeningNeeded", {.sw_hardening_needed = true, .configuration_needed = true}},
    {"OutOfDate", {.out_of_date = true}},
    {"OutOfDateConfigurationNeeded", {.configuration_needed = true, .out_of_date = true}},
    {"Revoked", {.revoked = true}},
});

}  // namespace

std::string_view name_of(const TcbStatus& status) {
    const bool configuration = status.configuration_needed;
    if (status.revoked) return "Revoked";
    if (status.out_of_date) return configuration ? "OutOfDateConfigurationNeeded" : "OutOfDate";
    if (status.td_relaunch_advised) return configuration ? "TDRelaunchAdvisedConfigurationNeeded" : "TDRelaunchAdvised";
    if (status.sw_hardening_needed) return configuration ? "ConfigurationAndSWHardeningNeeded" : "SWHardeningNeeded";
    return configuration ? "ConfigurationNeeded" : "UpToDate";
}

Result<TcbStatus> parse_tcb_status(std::string_view name, std::string_view what) {
    for (const auto& [known, status] : kStatuses)
        if (name == known) return status;
    return bad_input(std::string(what) + ": found '" + std::string(name.substr(0, 64)) +
                     "', expected a TCB status such as UpToDate or OutOfDate");
}

TcbStatus merge(const TcbStatus& a, const TcbStatus& b) {
    return {.sw_hardening_needed = a.sw_hardening_needed || b.sw_hardening_needed,
            .configuration_needed = a.configuration_needed || b.configuration_needed,
            .td_relaunch_advised = a.td_relaunch_advised || b.td_relaunch_advised,
            .out_of_date = a.out_of_date || b.out_of_date,
            .revoked = a.revoked || b.revoked};
}

TcbStatus with_relaunch(const TcbStatus& launch, const TcbStatus& current) {
    if (!launch.out_of_date || launch.revoked || current.out_of_date || current.revoked) return launch;
    return {.configuration_needed = launch.configuration_needed || current.configuration_needed,
            .td_relaunch_advised = true};
}

}  // namespace hallmark::verifier
