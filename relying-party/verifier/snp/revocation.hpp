// SPDX-License-Identifier: Apache-2.0
// Whether AMD has revoked the authority that signed an endorsement key.
// Source: AMD publication 57230, revision 1.00, chapter 4 (lists); RFC 5280, section 5.
#pragma once

#include <ctime>
#include <span>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "relying-party/verifier/snp/chain.hpp"
#include "relying-party/verifier/snp/verify.hpp"

namespace hallmark::verifier {

/// Whether a list that is current at that time says that the authority is not revoked; Fault::kNo where any list says
/// that it is, or where one is required and there is none. `of_evidence`: lists in DER that came with the evidence.
/// Where the source is asked, they can only revoke: a list is current for a year, and whoever sent the evidence may
/// have chosen the last one before a revocation.
Result<bool> check_revocation(const Chain& chain, std::span<const ByteSpan> of_evidence, const EndorsementKey& key,
                              const SnpTrust& trust, std::time_t at);

}  // namespace hallmark::verifier
