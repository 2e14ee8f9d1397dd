// SPDX-License-Identifier: Apache-2.0
// A secret encrypted to several keys, or to one, by a writer that is not ours: what ocicrypt makes of a layer's
// options. Source: RFC 7516, section 7.2.1 (general JSON serialization) and 7.2.2 (flattened); RFC 7518, sections 4.3
// and 4.6.
#pragma once

#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {

/// The plaintext, authenticated, for whichever of its recipients (at most 64) has this key. enc is A256GCM; alg is
/// ECDH-ES+A256KW for an EC key, RSA-OAEP or RSA-OAEP-256 for an RSA key, and stands in the recipient's header or in
/// the protected one. Fault::kNo where it is for none that has this key.
Result<Secret> decrypt_general(const Json& jwe, const KeyPair& key);

}  // namespace hallmark::jose
