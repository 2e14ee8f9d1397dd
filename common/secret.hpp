// SPDX-License-Identifier: Apache-2.0
// Bytes that are wiped when nobody needs them any more.
#pragma once

#include <openssl/crypto.h>

#include <utility>

#include "common/bytes.hpp"

namespace hallmark {

/// Overwrites and empties it; what it held before it last grew is not reached.
template <class Container>
    requires(sizeof(typename Container::value_type) == 1)
void wipe(Container& bytes) {
    if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
    bytes.clear();
}

/// Moves, never copies; what it leaves is wiped.
class Secret {
public:
    Secret() = default;
    explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    Secret& operator=(Secret&& other) noexcept {
        wipe(bytes_);
        bytes_ = std::exchange(other.bytes_, {});
        return *this;
    }
    ~Secret() { wipe(bytes_); }

    [[nodiscard]] ByteSpan bytes() const { return bytes_; }

private:
    Bytes bytes_;
};

}  // namespace hallmark
