// SPDX-License-Identifier: Apache-2.0
// The key that wraps the store's keys: each value has a data key of its own, and the store keeps that one wrapped.
#pragma once

#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::keys {

class MasterKey {
public:
    virtual ~MasterKey() = default;
    /// Which key this is, in words for people that tell nothing of it; two keys never have the same.
    [[nodiscard]] virtual std::string name() const = 0;
    /// Wraps a data key of 32 bytes in the format of sealing.hpp; it opens only under the same context.
    virtual Result<Bytes> wrap(ByteSpan data_key, ByteSpan context) = 0;
    virtual Result<Secret> unwrap(ByteSpan wrapped, ByteSpan context) = 0;
};

}  // namespace hallmark::keys
