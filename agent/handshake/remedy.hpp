// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/kbs/guest_client.hpp"

namespace hallmark::handshake {

/// What to do about a request to the broker that failed, in one line.
std::string remedy_for(const kbs::Exchange& exchange);

}  // namespace hallmark::handshake
