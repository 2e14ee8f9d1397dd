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
    guest_port::Evidence v4;
    guest_port::Evidence v5;  ///< with the body of TDX 1.5
};

/// Challenges a guest that runs once for each version of quotes.
Result<TdEvidence> ask_for_quotes(Exchange& exchange, TrustDomain& domain, const guest_port::Challenge& challenge,
                                  Journal& journal);

/// Writes it for other verifiers: quote-v4.bin, quote-v5.bin, the log of the latter as ccel.bin, and challenge.bin. The
/// folder is made; no path means that nobody wants it.
Status write_td_evidence(const std::filesystem::path& folder, const TdEvidence& evidence);

/// That every quote holds under the root, answers the challenge, says what was measured and that the log given with it
/// replays to it. RTMR3 is the guest's own: of that the log alone tells, and has nothing but what the attestation agent
/// logs. Refused with the first that doesn't.
Status prove_td_evidence(const TdEvidence& evidence, ByteSpan trusted_root, const TdFacts& measured);

}  // namespace hallmark::boot
