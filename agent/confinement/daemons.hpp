// SPDX-License-Identifier: Apache-2.0
// The system calls that are left to each daemon before it hears the first word of others. Every other one kills it, a
// file or an address family that is not for it is refused.
#pragma once

#include "common/result.hpp"

namespace hallmark::confinement {

/// Makes evidence (files of configfs and sysfs, the TEE's port), keeps the event log, and talks to key brokers.
Status confine_attestation_agent();

/// Gets the credentials that its configuration names from a broker, writes them, and opens its socket;
/// confine_data_hub() follows.
Status confine_data_hub_at_start();

/// Talks to the attestation agent and to key brokers, and opens files only to read them.
Status confine_data_hub();

/// Talks over the socket on which it listens and to the other daemons: no file, no network of its own.
Status confine_api_server();

}  // namespace hallmark::confinement
