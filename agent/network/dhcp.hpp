// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/network/dhcp_message.hpp"
#include "agent/ports/deadline.hpp"
#include "common/result.hpp"

namespace hallmark::guest::dhcp {

/// Gets an address for this interface, which is up (RFC 2131, section 3.1). A server gives a client that it knows the
/// address which that has already, so this is also how a lease is renewed. Answers that are no good are passed over:
/// another machine may have sent them.
Result<Answer> obtain(const std::string& interface, const Hardware& hardware, Deadline deadline);

}  // namespace hallmark::guest::dhcp
