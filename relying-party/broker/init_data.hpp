// SPDX-License-Identifier: Apache-2.0
// Init-data that came in plain text beside evidence.
// Source: confidential-containers/trustee, kbs/docs/initdata.md, revision 78962cd.
#pragma once

#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::broker {

/// The document's data by name, once its digest is what the evidence has as HOSTDATA or MRCONFIGID; Fault::kNo where
/// it isn't. aa.toml and cdh.toml as objects, as Trustee has them; another text of more than 4 KiB, or one that begins
/// with "sha384:", is told by its digest ("sha384:…"): tokens travel in headers.
Result<Json> bound_init_data(const verifier::Verified& verified, std::string_view document);

}  // namespace hallmark::broker
