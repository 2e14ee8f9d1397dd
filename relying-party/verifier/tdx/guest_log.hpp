// SPDX-License-Identifier: Apache-2.0
// Whether the event log of a trust domain is the log of what its quote vouches for.
// Source: UEFI Specification 2.10, section 38.4.1: register 0 of a log is MRTD, n + 1 is RTMRn.
#pragma once

#include <array>
#include <string>

#include "common/bytes.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/tdx_report.hpp"
#include "common/result.hpp"

namespace hallmark::verifier {

/// That a log, as CCEL names it, replays to RTMR0 to RTMR3 and has nothing of another register. Refused with the first
/// that differs.
Status check_guest_log(ByteSpan log, const std::array<tdx::Measurement, 4>& rtmrs);

/// The same of a log that was read, `what` names it. RTMR3 is compared only where the log has events of it: a kernel
/// that extends it for the guest adds none.
Status check_replay(const event_log::EventLog& log, const std::array<tdx::Measurement, 4>& rtmrs,
                    const std::string& what);

}  // namespace hallmark::verifier
