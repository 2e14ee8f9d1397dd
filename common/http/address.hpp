// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hallmark::http {

/// Whether an IP address is this machine's own or of its link only: nothing that a server elsewhere may send its
/// clients to. Loopback, link-local (where clouds have their metadata) and unspecified addresses, of IPv4, of IPv6 and
/// of IPv4 within IPv6 (RFC 6890, sections 2.2.2 and 2.2.3). What is no address is none of them.
bool is_local_address(std::string_view address);

}  // namespace hallmark::http
