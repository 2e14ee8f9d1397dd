// SPDX-License-Identifier: Apache-2.0
// The options of an encrypted layer, its key among them, as they are wrapped on its descriptor: for several that may
// read it, in several schemes.
// Source: ocicrypt 1.2, encryption.go ("org.opencontainers.image.enc.keys.<scheme>": base64 texts between commas).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/layers/cipher_options.hpp"
#include "agent/layers/layer_stream.hpp"
#include "agent/oci/descriptor.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::layer_keys {

/// One packet in one scheme.
struct WrappedKey {
    std::string scheme;  ///< "jwe", "pkcs7", "pkcs11", "provider.attestation-agent"
    Bytes packet;
};

/// In the order of the annotations; at most 64, each of at most 64 KiB.
Result<std::vector<WrappedKey>> wrapped_keys(const oci::Annotations& annotations);

/// Who may have the key that a packet is wrapped for.
class Unwrapper {
public:
    virtual ~Unwrapper() = default;
    /// Whether packets of this scheme are its to try.
    [[nodiscard]] virtual bool knows(std::string_view scheme) const = 0;
    /// The private options, as JSON.
    [[nodiscard]] virtual Result<Secret> unwrap(ByteSpan packet) const = 0;
};
using Unwrappers = std::vector<std::unique_ptr<Unwrapper>>;

/// What a layer is decrypted with: the first packet that one of these can unwrap. Where none can, the error has the
/// reason of each that tried.
Result<layers::DecryptionKey> decryption_key(const oci::Annotations& annotations, const Unwrappers& unwrappers);

}  // namespace hallmark::layer_keys
