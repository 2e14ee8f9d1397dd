// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.hpp"
#include "common/jose/openssl_key.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

/// A private key in PKCS#8 (DER), with its public half and the curve's name. OpenSSL's own encoders take half as long
/// as a handshake of TLS to be found.
/// Source: RFC 5958, section 2 (OneAsymmetricKey, version 0); RFC 5915, section 3 (ECPrivateKey); RFC 5480,
/// section 2.1.
Secret ec_private_key_info(const Curve& curve, const EcPoint& point, ByteSpan d);

}  // namespace hallmark::jose
