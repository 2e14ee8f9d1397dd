// SPDX-License-Identifier: Apache-2.0
#include "agent/confinement/daemons.hpp"

#include <sys/syscall.h>

#include <array>

#include "agent/confinement/filter.hpp"
#include "agent/confinement/rules.hpp"

namespace hallmark::confinement {
namespace {

/// For a daemon that is not ready yet: its socket, and more rules, which can only take away.
constexpr std::array kGetReady = {Rule{SYS_bind}, Rule{SYS_chmod}, Rule{SYS_listen}, Rule{SYS_seccomp}};

}  // namespace

Status confine_attestation_agent() {
    return allow_only({kBase, kSockets, kNetwork, kReadFiles, kWriteFiles, kInPassing});
}

Status confine_data_hub_at_start() {
    return allow_only({kBase, kSockets, kNetwork, kReadFiles, kWriteFiles, kGetReady, kInPassing});
}

Status confine_data_hub() { return allow_only({kBase, kSockets, kNetwork, kReadFiles, kInPassing}); }

Status confine_api_server() { return allow_only({kBase, kSockets, kInPassing}); }

}  // namespace hallmark::confinement
