// SPDX-License-Identifier: Apache-2.0
// A guest's request for one secret with a token that it already has, as the passport model of RFC 9334 has it.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md (version 0.4.0), "Response".
#pragma once

#include <string>
#include <variant>

#include "common/bytes.hpp"
#include "common/deadline.hpp"
#include "common/kbs/broker.hpp"
#include "common/kbs/guest_client.hpp"
#include "common/kbs/resource_uri.hpp"
#include "common/result.hpp"

namespace hallmark::kbs {

/// The secret, encrypted to the key in the token (for open_resource()); or why there is none.
using ResourceAnswer = std::variant<Bytes, Refusal>;

/// Asks once. A broker that can't be reached, or that answers anything else, is an error.
Result<ResourceAnswer> request_resource(const GuestAccess& access, const std::string& token, const ResourceUri& uri,
                                        Deadline deadline);

/// Whether another token may help: the broker doesn't take this one.
bool wants_other_token(const Refusal& refusal);

}  // namespace hallmark::kbs
