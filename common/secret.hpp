// SPDX-License-Identifier: Apache-2.0
// Bytes that are wiped when nobody needs them any more.
#pragma once

#include <openssl/crypto.h>

#include <utility>

#include "common/bytes.hpp"

namespace hallmark {

/// Moves, never copies; what it leaves is wiped.
class Secret {
public:
    Secret() = default;
    explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    Secret& operator=(Secret&& other) noexcept {
        wipe();
        bytes_ = std::exchange(other.bytes_, {});
        return *this;
    }
    ~Secret() { wipe(); }

    [[nodiscard]] ByteSpan bytes() const { return bytes_; }

private:
    void wipe() {
        if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
        bytes_.clear();
    }
    Bytes bytes_;
};

}  // namespace hallmark
