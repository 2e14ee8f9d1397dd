// SPDX-License-Identifier: Apache-2.0
#include "agent/layer-keys/jwe_key.hpp"

#include "common/jose/general_jwe.hpp"
#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::layer_keys {

Result<Secret> JweKey::unwrap(ByteSpan packet) const {
    HALLMARK_TRY(const Json jwe, parse_json(text_of(packet), "JWE"));
    return jose::decrypt_general(jwe, key_);
}

}  // namespace hallmark::layer_keys
