// SPDX-License-Identifier: Apache-2.0
// What `hallmark-kbs verify` says of evidence, to people and as JSON.
#pragma once

#include <optional>
#include <string>

#include "common/json.hpp"
#include "relying-party/appraisal/appraisal.hpp"
#include "relying-party/cli.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::cli {

/// What is known of evidence that is authentic and bound to what the caller named.
struct Conclusion {
    verifier::Verified verified;
    bool report_data_compared = false;
    std::optional<Json> init_data_claims;  ///< of the document that was given: the guest was launched with it
    std::optional<appraisal::Appraisal> appraisal;
};

/// {"verified": true, "tee", "simulated", "claims", "init_data_claims", "appraisal"}; the last two where there are any.
Answer json_answer(const Conclusion& conclusion);
/// {"verified": false, "reason"}
Answer json_refusal(const std::string& reason);
/// Who vouches for it, then the verdict with what failed, or all claims where nothing was appraised. Texts from
/// evidence are shown in printable ASCII.
Answer text_answer(const Conclusion& conclusion);

}  // namespace hallmark::cli
