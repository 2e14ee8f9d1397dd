// SPDX-License-Identifier: Apache-2.0
// What the claims of a token say of its bearer, for a release policy. Meaning only: who calls has checked the token.
// Source: draft-ietf-rats-ear-00; Confidential Containers' Trustee, "ear.veraison.annotated-evidence".
#pragma once

#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/appraisal/appraisal.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::broker {

struct Bearer {
    verifier::Tee tee = verifier::Tee::kSnp;
    bool simulated = false;
    appraisal::Tier verdict = appraisal::Tier::kNone;
    Json claims;            ///< of the TEE, "init_data" and "report_data" among them
    Json init_data_claims;  ///< null where no document came with the evidence
};

/// Fault::kNo where something is missing or unknown: what can't be read is no verdict.
Result<Bearer> read_bearer(const Json& claims);

}  // namespace hallmark::broker
