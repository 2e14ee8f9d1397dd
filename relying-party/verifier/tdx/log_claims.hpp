// SPDX-License-Identifier: Apache-2.0
// The claims of an event log that replays to a quote's registers.
// Source: confidential-containers/trustee, deps/eventlog and kbs/docs/policies (uefi_event_logs, tdvfkernel,
// tdvfkernelparams), revision 78962cd; confidential-containers/guest-components, attestation-agent/docs/AAEL, revision
// 8246e5e (runtime events).
#pragma once

#include <string>

#include "common/formats/event_log.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::verifier {

/// A log of more events is refused: its claims go into tokens.
constexpr std::size_t kMostEvents = 4096;

/// Adds to the claims:
/// - "uefi_event_logs": [{"details", "digest_matches_event", "digests", "index", "type_name"}], SHA-384 only;
/// - "tdvfkernel": the digest of the one image that was loaded as File(kernel) and measured into RTMR1;
/// - "tdvfkernelparams": that of the one LOADED_IMAGE::LoadOptions in RTMR2;
/// - "runtime_events": [{"domain", "operation", "content"}] of RTMR3, without the log's beginning, "INIT ".
/// Where an event stands twice its claim is left out: which of them is meant, nobody vouches for. A runtime event whose
/// text is not what its digest covers is refused.
Status add_log_claims(const event_log::EventLog& log, const std::string& what, Json& claims);

}  // namespace hallmark::verifier
