// SPDX-License-Identifier: Apache-2.0
// What guests and owners alike know of a key broker: its address, and how it says no.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md, "Error handling", and RFC 7807.
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::kbs {

/// Where everything is.
inline constexpr std::string_view kPrefix = "/kbs/v0/";

/// https://HOST[:PORT], or http:// where that is meant.
Status check_url(std::string_view url, bool insecure_http);

/// Printable ASCII only: it goes to a terminal, and comes from whoever answers.
struct Refusal {
    std::string type;    ///< "PolicyDeny"; empty where the answer is not an error of this protocol
    std::string detail;  ///< the broker's reason, else the beginning of what came
};

/// From the body of an answer: {"type": …, "detail": …}, or whatever else it is.
Refusal read_refusal(ByteSpan body);

/// "PolicyDeny: the default rule: …"
std::string line_of(const Refusal& refusal);

}  // namespace hallmark::kbs
