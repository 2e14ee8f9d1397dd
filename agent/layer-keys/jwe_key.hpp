// SPDX-License-Identifier: Apache-2.0
// Unwraps with a private key that is here: what skopeo wraps for "jwe:PUBLIC.pem".
// Source: ocicrypt 1.2, keywrap/jwe.
#pragma once

#include <string_view>
#include <utility>

#include "agent/layer-keys/wrapped_keys.hpp"
#include "common/jose/jwk.hpp"

namespace hallmark::layer_keys {

class JweKey : public Unwrapper {
public:
    explicit JweKey(jose::KeyPair key) : key_(std::move(key)) {}
    [[nodiscard]] bool knows(std::string_view scheme) const override { return scheme == "jwe"; }
    [[nodiscard]] Result<Secret> unwrap(ByteSpan packet) const override;

private:
    jose::KeyPair key_;
};

}  // namespace hallmark::layer_keys
