// SPDX-License-Identifier: Apache-2.0
// What a running guest extends into RTMR3, from a list of it.
// Source: confidential-containers/guest-components, attestation-agent/docs/eventlog.md (AAEL entries), as its
// attestation-agent writes them into the log of a TDX guest.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "measure/tdx/event.hpp"

namespace hallmark::tdx {

/// Adds an event to RTMR3 for each line: 96 hexadecimal digits are the digest itself, whatever it covers; else the line
/// is an entry "DOMAIN OPERATION CONTENT" of the attestation agent, or the one that its log begins with, "INIT
/// sha384/HEX", whose digits must be the register's value after the lines before. `what` names the list in errors.
Status add_runtime_events(EventList& list, std::string_view lines, const std::string& what);

}  // namespace hallmark::tdx
