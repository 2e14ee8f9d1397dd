// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "common/bytes.hpp"

struct evp_md_ctx_st;

namespace hallmark {

using Sha1 = std::array<std::uint8_t, 20>;
using Sha256 = std::array<std::uint8_t, 32>;
using Sha384 = std::array<std::uint8_t, 48>;
using Sha512 = std::array<std::uint8_t, 64>;

/// SHA-256 or another of FIPS 180-4, of bytes that come in pieces, over OpenSSL. `Digest` is one of the types above;
/// SHA-1 is for TPM banks, which may still have it, and names keys of OpenPGP: nothing here relies on it.
template <class Digest>
class Hasher {
public:
    Hasher();
    /// Goes on from where the other is.
    Hasher(const Hasher& other);
    Hasher& operator=(const Hasher&) = delete;
    Hasher(Hasher&&) noexcept = default;
    Hasher& operator=(Hasher&&) noexcept = default;
    ~Hasher() = default;

    void update(ByteSpan bytes);
    /// The digest of everything so far; the hasher starts anew.
    [[nodiscard]] Digest finish();
    /// The digest of everything so far; the hasher goes on.
    [[nodiscard]] Digest so_far() const;

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    void start();
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

extern template class Hasher<Sha1>;
extern template class Hasher<Sha256>;
extern template class Hasher<Sha384>;
extern template class Hasher<Sha512>;

[[nodiscard]] Sha256 sha256(ByteSpan bytes);
[[nodiscard]] Sha384 sha384(ByteSpan bytes);

}  // namespace hallmark
