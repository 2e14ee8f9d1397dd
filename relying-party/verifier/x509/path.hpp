// SPDX-License-Identifier: Apache-2.0
// Chains of three certificates: of a key that signs evidence, of an authority, of the root that a caller trusts.
// Source: RFC 5280, section 6.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// Exactly one certificate in DER; `role` names it in the refusal.
Result<openssl::Certificate> parse_certificate(ByteSpan der, std::string_view role);

/// Its common name, with every byte that is not printable ASCII replaced.
std::string common_name(const X509& certificate);

/// Checks that the leaf was signed by the authority and the authority by the root, all valid at that time (now where
/// none is given). `expected` says what a leaf is: "a VCEK signed by the ASK".
Status verify_path(X509& leaf, X509& authority, X509& root, std::string_view expected, std::optional<std::time_t> at);

}  // namespace hallmark::verifier
