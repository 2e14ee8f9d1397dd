// SPDX-License-Identifier: Apache-2.0
// Whom quotes are believed.
// Source: Intel SGX Root CA,
// https://certificates.trustedservices.intel.com/Intel_SGX_Provisioning_Certification_RootCA.pem
#pragma once

#include "common/digest.hpp"

namespace hallmark::verifier {

/// SHA-256 of the DER SubjectPublicKeyInfo of Intel SGX Root CA:
/// a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e
constexpr Sha256 kIntelSgxRootSpki = {0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91,
                                      0x86, 0x06, 0x8a, 0x7f, 0xc1, 0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35,
                                      0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e};

}  // namespace hallmark::verifier
