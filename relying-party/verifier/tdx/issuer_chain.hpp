// SPDX-License-Identifier: Apache-2.0
// Who signed a document, as Intel's service says it: certificates in PEM, percent-encoded in a header of the response.
// Source: Intel "Provisioning Certification Service" API, version 4 (TCB-Info-Issuer-Chain); RFC 3986, section 2.1.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::verifier {

/// A longer header is refused, in characters; a chain of two has 2,600.
constexpr std::size_t kLargestIssuerChain = std::size_t{32} * 1024;

/// The chain in PEM: 1 to 4 certificates that can be read. They are not believed here.
Result<Bytes> decode_issuer_chain(std::string_view header);

}  // namespace hallmark::verifier
