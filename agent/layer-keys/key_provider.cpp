// SPDX-License-Identifier: Apache-2.0
#include "agent/layer-keys/key_provider.hpp"

#include "common/key-provider/protocol.hpp"
#include "common/text.hpp"

namespace hallmark::layer_keys {

Result<Secret> KeyProvider::unwrap(ByteSpan packet) const {
    HALLMARK_TRY(const Secret answer, ask_(as_bytes(key_provider::unwrap_request(packet))));
    const auto bytes = answer.bytes();
    return key_provider::parse_unwrap_answer(text_of(bytes));
}

}  // namespace hallmark::layer_keys
