// SPDX-License-Identifier: Apache-2.0
// TDX evidence in, verified claims out.
#pragma once

#include <ctime>
#include <optional>
#include <vector>

#include "common/bytes.hpp"
#include "common/formats/tdx_evidence.hpp"
#include "common/result.hpp"
#include "relying-party/verifier/tdx/collateral.hpp"
#include "relying-party/verifier/tdx/collateral_files.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::verifier {

/// Whom the caller believes, and when. Intel's root is always trusted: its key is pinned in roots.hpp.
struct TdxTrust {
    std::vector<Bytes> simulated_roots;  ///< DER; named by the caller, and nothing simulated is trusted otherwise
    /// Certificates in PEM or DER among which a root is looked for, where a quote leaves it out. They are not trusted.
    std::vector<Bytes> certificates;
    const Collateral* collateral = nullptr;  ///< what Intel publishes; nullptr where the caller has none
    /// Asked where the caller has none; nullptr: nothing is fetched, and the TCB status is "unknown".
    CollateralSource* source = nullptr;
    std::optional<std::time_t> at;  ///< now where none is given
};

/// Bytes, authenticity, then claims; no policy. Refused where the quote is not one of a TDX platform under a root that
/// is trusted, or the event log is not what its registers hold. The claims are those of quote_claims.hpp and
/// log_claims.hpp and "tcb_status", "advisory_ids" and "collateral_expiration_status" ("0": all is current at that
/// time, "1": something is not, "unknown" without collateral), and where it could not be fetched "collateral_error".
Result<Verified> verify_tdx(const tdx::Evidence& evidence, const TdxTrust& trust);

}  // namespace hallmark::verifier
