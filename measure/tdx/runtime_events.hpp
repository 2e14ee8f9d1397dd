// SPDX-License-Identifier: Apache-2.0
// What a running guest extends into RTMR3, from a list of it.
// Source: confidential-containers/guest-components, attestation-agent/docs/eventlog.md (AAEL entries), as its
// attestation-agent writes them into the log of a TDX guest.
#pragma once

#include <string>
#include <string_view>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/tdx/event.hpp"

namespace hallmark::tdx {

/// The digest of an entry "DOMAIN OPERATION CONTENT" of the attestation agent's event log: over its tag, its length and
/// its text.
[[nodiscard]] Sha384 entry_digest(std::string_view entry);

/// Adds an event to RTMR3 for each line: 96 hexadecimal digits are the digest itself, whatever it covers; else the line
/// is an entry of the attestation agent. `what` names the list in errors.
Status add_runtime_events(EventList& list, std::string_view lines, const std::string& what);

}  // namespace hallmark::tdx
