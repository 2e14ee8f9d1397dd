// SPDX-License-Identifier: Apache-2.0
// A layer's blob as ocicrypt encrypts it: AES-256-CTR, and HMAC-SHA256 with the same key over what was encrypted.
// Source: ocicrypt 1.2, blockcipher/blockcipher_aes_ctr.go.
#pragma once

#include <cstdint>
#include <span>

#include "agent/layers/cipher_options.hpp"
#include "common/bytes.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"

namespace hallmark::layers {

/// Gives out plain bytes before it is known that they are right: nothing may come of them before verify().
class Decryptor {
public:
    static Result<Decryptor> start(const PublicOptions& open, const PrivateOptions& unwrapped);

    /// The next bytes; `plain` is as long as `encrypted`.
    Status decrypt(ByteSpan encrypted, std::span<std::uint8_t> plain);
    /// After the last byte: whether it is all as it was encrypted.
    Status verify();

private:
    using Cipher = openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
    using Mac = openssl::Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;
    Decryptor(Cipher cipher, Mac mac, const Sha256& expected)
        : cipher_(std::move(cipher)), mac_(std::move(mac)), expected_(expected) {}

    Cipher cipher_;
    Mac mac_;
    Sha256 expected_;
};

}  // namespace hallmark::layers
