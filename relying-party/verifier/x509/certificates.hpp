// SPDX-License-Identifier: Apache-2.0
// Certificates as files and services hand them out: one in DER, or several in PEM.
// Source: RFC 7468, sections 3 and 5.
#pragma once

#include <cstddef>
#include <vector>

#include "common/bytes.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// One certificate in DER, or 1 to `most` in PEM. Text around the PEM blocks is passed over; a block of another kind
/// is an error, as is any that is cut off.
Result<std::vector<openssl::Certificate>> read_certificates(ByteSpan pem_or_der, std::size_t most);

/// The certificate in DER.
Result<Bytes> to_der(const X509& certificate);

}  // namespace hallmark::verifier
