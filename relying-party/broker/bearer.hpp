// SPDX-License-Identifier: Apache-2.0
// What the claims of a token say of its bearer, read once. Meaning only: who calls has checked the token.
// Source: draft-ietf-rats-ear-00; Confidential Containers' Trustee, "ear.veraison.annotated-evidence".
#pragma once

#include <ctime>

#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/appraisal/appraisal.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::broker {

struct Bearer {
    jose::Jwk key;            ///< of the TEE: what secrets are wrapped for
    std::time_t expires = 0;  ///< `exp`: from then on the token says nothing
    verifier::Tee tee = verifier::Tee::kSnp;
    bool simulated = false;
    appraisal::Tier verdict = appraisal::Tier::kNone;
    Json claims{};            ///< of the TEE, "init_data" and "report_data" among them
    Json init_data_claims{};  ///< null where no document came with the evidence
};

/// Fault::kNo where something is missing or unknown: what can't be read is no verdict.
Result<Bearer> read_bearer(Json claims);
/// The same where the key in the claims was parsed before.
Result<Bearer> read_bearer(Json claims, jose::Jwk key);

}  // namespace hallmark::broker
