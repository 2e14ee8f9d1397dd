// SPDX-License-Identifier: Apache-2.0
// Revocation lists. Source: RFC 5280, sections 5 and 6.3.
#pragma once

#include <ctime>

#include "common/bytes.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// Refuses a certificate that the list names. The list must be one CRL in DER, whole (no delta, no scope), by the
/// certificate's issuer, and current at that time; where it is not, nothing is known and that is refused too.
Status check_not_revoked(X509& certificate, ByteSpan crl_der, X509& issuer, std::time_t at);

}  // namespace hallmark::verifier
