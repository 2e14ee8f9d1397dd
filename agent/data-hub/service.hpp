// SPDX-License-Identifier: Apache-2.0
// The data hub's services on its socket.
// Source: Confidential Containers, guest-components 8246e5e, confidential-data-hub/hub/protos (package api) and the
// package keyprovider of ocicrypt-rs.
#pragma once

#include <string>

#include "agent/data-hub/data_hub.hpp"
#include "agent/ttrpc/methods.hpp"

namespace hallmark::hub {

/// `hub` outlives the table; `privileged` is the socket of the process that pulls images and mounts disks
/// (privileged.hpp). Failures are INTERNAL with "[CDH] [ERROR]: …" and the reason; what this version doesn't do is
/// UNIMPLEMENTED; an image or disk beyond kPullsHeld (image_limits.hpp) is RESOURCE_EXHAUSTED.
ttrpc::Methods methods_of(const DataHub& hub, std::string privileged);

}  // namespace hallmark::hub
