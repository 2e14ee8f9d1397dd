// SPDX-License-Identifier: Apache-2.0
// The report as claims. Names and types are those of Trustee's SNP verifier where it has the claim.
// Source: confidential-containers/trustee, verifier "snp"; AMD publication 56860, revision 1.58, section 4.3 (guest
// policy) and table "ATTESTATION_REPORT" (PLATFORM_INFO, KEY_INFO).
#pragma once

#include "common/formats/snp_report.hpp"
#include "common/json.hpp"
#include "relying-party/verifier/snp/endorsement_key.hpp"

namespace hallmark::verifier {

/// A flat object; digests and identifiers in lowercase hexadecimal. What the report's version doesn't have is missing.
Json snp_claims(const snp::AttestationReport& report, const EndorsementKey& key);

}  // namespace hallmark::verifier
