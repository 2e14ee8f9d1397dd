// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "boot/run/exchange.hpp"
#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"
#include "boot/simulated/tdx/chain.hpp"
#include "boot/simulated/tdx/td_report.hpp"
#include "boot/simulated/tdx/trust_domain.hpp"
#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "measure/tdx/event.hpp"

namespace hallmark::boot {

/// The platform's provisioning certificates, and the root that its quotes are held against (DER): the platform's own,
/// or the one that the request names.
struct TdxTrust {
    TdxChain chain;
    Bytes root;
};
/// Makes the chain where it is missing.
Result<TdxTrust> open_trust(const Request& request);

/// What a guest answered to one challenge.
struct TdEvidence {
    guest_port::Challenge challenge;
    guest_port::Evidence v4;        ///< as it booted
    guest_port::Evidence v5;        ///< the same, with the body of TDX 1.5
    guest_port::Evidence extended;  ///< version 5, after RTMR3 was extended
};

/// What the guest is asked to extend into RTMR3.
tdx::Event requested_event();

/// Challenges a guest that runs, lets it extend RTMR3 and challenges it again.
Result<TdEvidence> ask_for_quotes(Exchange& exchange, TrustDomain& domain, const guest_port::Challenge& challenge,
                                  Journal& journal);

/// Writes it for other verifiers: quote-v4.bin, quote-v5.bin and ccel.bin, quote-extended.bin and ccel-extended.bin,
/// and challenge.bin. The folder is made; no path means that nobody wants it.
Status write_td_evidence(const std::filesystem::path& folder, const TdEvidence& evidence);

/// That every quote holds under the root, answers the challenge, says what was measured and of RTMR3 what was requested
/// till then, and that the log given with it replays to it. Refused with the first that doesn't. RTMR3 of `measured` is
/// not looked at.
Status prove_td_evidence(const TdEvidence& evidence, ByteSpan trusted_root, const TdFacts& measured);

}  // namespace hallmark::boot
