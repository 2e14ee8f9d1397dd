// SPDX-License-Identifier: Apache-2.0
// Secrets that lie with the untrusted control plane: what they say, and whether who signed it may say so.
// Source: Confidential Containers, guest-components 8246e5e, confidential-data-hub/docs/SEALED_SECRET.md:
// "sealed." and a compact JWS (RFC 7515) with alg ES256 and a kid.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/key-provider/key_wrap.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::hub {

inline constexpr std::size_t kLargestSealedSecret = 1024 * 1024;

/// The secret is a resource of the provider.
struct VaultSecret {
    std::string name;  ///< a KBS resource URI
    std::string provider;
};

/// The secret is here, encrypted under a key that is here too, encrypted by the provider.
struct EnvelopeSecret {
    std::string key_id;
    Bytes encrypted_key;
    Bytes encrypted_data;
    key_provider::WrapType wrap_type = key_provider::WrapType::kA256Gcm;
    Bytes iv;
    std::string provider;
    Json annotations;  ///< what the provider needs besides
};

using SealedSecret = std::variant<VaultSecret, EnvelopeSecret>;

/// The key with that id: a public or private JWK, as text.
using FindKey = std::function<Result<Secret>(const std::string& kid)>;

/// The payload of a sealed secret whose signature is that of the key which it names.
Result<Bytes> verified_payload(std::string_view sealed, const FindKey& find);

/// The same without a look at header and signature: for those whose owner turned that off.
Result<Bytes> unverified_payload(std::string_view sealed);

/// All fields of its type are required and no other is known; the version is 0.1.0.
Result<SealedSecret> parse_sealed_secret(std::string_view payload);

}  // namespace hallmark::hub
