// SPDX-License-Identifier: Apache-2.0
// Holds authentic claims against a policy and reference values.
// Source: RFC 9334, section 8.4 (appraisal of evidence).
#pragma once

#include <ctime>
#include <string>

#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/appraisal/appraisal.hpp"
#include "relying-party/appraisal/policy.hpp"
#include "relying-party/reference-values/reference_values.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::appraisal {

/// What is appraised.
struct Subject {
    verifier::Tee tee = verifier::Tee::kSnp;
    const Json& claims;  ///< of evidence that is authentic
    /// What the field for init-data (HOSTDATA, MRCONFIGID) holds for the init-data that came with the evidence, in
    /// hexadecimal; empty where none came.
    std::string given_init_data;
};

/// Fails with Fault::kNo where the policy says nothing about this kind of TEE; a store that cannot be read is an error,
/// never a claim that does not hold.
Result<Appraisal> appraise(const Policy& policy, const Subject& subject, const reference::ReferenceValues& values,
                           std::time_t at);

}  // namespace hallmark::appraisal
