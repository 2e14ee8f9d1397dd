// SPDX-License-Identifier: Apache-2.0
// What is known about an encrypted layer: in the open, on its descriptor, and wrapped for those who may read it.
// Source: ocicrypt 1.2, spec/spec.go (annotations) and blockcipher/blockcipher.go (the two JSON objects).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/oci/digest.hpp"
#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::layers {

/// The annotation of a layer's descriptor that has the public options, in base64.
inline constexpr std::string_view kPublicOptionsAnnotation = "org.opencontainers.image.enc.pubopts";
/// The only cipher there is.
inline constexpr std::string_view kCipher = "AES_256_CTR_HMAC_SHA256";

inline constexpr std::size_t kKeySize = 32;    ///< of AES-256
inline constexpr std::size_t kNonceSize = 16;  ///< the first counter block
using Nonce = std::array<std::uint8_t, kNonceSize>;

struct PublicOptions {
    Sha256 hmac{};               ///< of the encrypted blob
    std::optional<Nonce> nonce;  ///< wins over the private one
};

struct PrivateOptions {
    Secret key;          ///< kKeySize bytes, of the cipher and of the HMAC
    oci::Digest digest;  ///< of the blob before it was encrypted; see LayerStream for what writers make of it
    std::optional<Nonce> nonce;
};

/// `annotation`: base64 of {"cipher", "hmac", "cipheroptions"}.
Result<PublicOptions> parse_public_options(std::string_view annotation);

/// `json`: {"symkey", "digest", "cipheroptions"}, as a key provider unwraps it. Wiping it stays with the caller.
Result<PrivateOptions> parse_private_options(std::string_view json);

}  // namespace hallmark::layers
