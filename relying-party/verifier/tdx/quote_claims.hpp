// SPDX-License-Identifier: Apache-2.0
// The claims of a quote and of its PCK certificate.
// Source: confidential-containers/trustee, deps/verifier/src/tdx/claims.rs and src/intel_dcap/claims.rs, revision
// 78962cd, for names and forms: fields in hexadecimal, in the order of their bytes.
#pragma once

#include "common/formats/tdx_quote.hpp"
#include "common/json.hpp"
#include "relying-party/verifier/tdx/pck.hpp"

namespace hallmark::verifier {

/// "quote" with "header" and "body", "td_attributes", "report_data" and "init_data" as Trustee has them; and each field
/// of header and body once more at the top ("rtmr_1"), where a policy looks for it, but for "td_attributes", which is
/// there as flags.
void add_quote_claims(const tdx::Quote& quote, Json& claims);

/// "platform_provider_id", "platform_instance_id", "sgx_type" and what else the certificate says; "fmspc", "pce_id" and
/// "pce_svn" besides.
void add_pck_claims(const PckFacts& pck, Json& claims);

}  // namespace hallmark::verifier
