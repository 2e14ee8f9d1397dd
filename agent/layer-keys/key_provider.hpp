// SPDX-License-Identifier: Apache-2.0
// Unwraps through a key provider: the data hub, which gets the owner's key from the broker and shows nobody.
// Source: Confidential Containers, guest-components 8246e5e: keyprovider.KeyProviderService; containers/ocicrypt
// c3436fd, docs/keyprovider.md.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "agent/layer-keys/wrapped_keys.hpp"

namespace hallmark::layer_keys {

class KeyProvider : public Unwrapper {
public:
    /// One UnWrapKey: takes the protocol's JSON request and gives its JSON answer.
    using Ask = std::function<Result<Secret>(ByteSpan request)>;

    explicit KeyProvider(Ask ask) : ask_(std::move(ask)) {}

    /// As Confidential Containers: whatever a provider is called on the descriptor, this one is asked.
    [[nodiscard]] bool knows(std::string_view scheme) const override { return scheme.starts_with("provider."); }
    [[nodiscard]] Result<Secret> unwrap(ByteSpan packet) const override;

private:
    Ask ask_;
};

}  // namespace hallmark::layer_keys
