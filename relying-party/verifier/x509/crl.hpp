// SPDX-License-Identifier: Apache-2.0
// Revocation lists. Source: RFC 5280, sections 5 and 6.3.
#pragma once

#include <ctime>

#include "common/bytes.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// Whether the list names the certificate. The list must be one CRL in DER, whole (no delta, no scope), by the
/// certificate's issuer. A list that is not of that time still says what it revokes, but nothing about the rest: then,
/// and for any other list, this is an error.
Result<bool> is_revoked(X509& certificate, ByteSpan crl_der, X509& issuer, std::time_t at);

/// When the next list is due. Nothing of the list is verified.
Result<std::time_t> next_update(ByteSpan crl_der);

}  // namespace hallmark::verifier
