// SPDX-License-Identifier: Apache-2.0
// Init-data that someone gives to a verifier in plain text: whether the guest was launched with it, and what it says.
// Source: confidential-containers/trustee, kbs/docs/initdata.md, revision 78962cd.
#pragma once

#include <string_view>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::verifier {

/// The texts of [data] by their names, of a document whose digest is in the field that a launch binds: HOSTDATA (32
/// bytes) or MRCONFIGID (48), `bound`. Refused where it is another document's; an error where it is no init-data.
Result<Json> verify_init_data(std::string_view document, ByteSpan bound);

}  // namespace hallmark::verifier
