// SPDX-License-Identifier: Apache-2.0
// The keys that a requirement names, fetched and read.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/image-policy/openpgp/keyring.hpp"
#include "agent/image-policy/requirement.hpp"
#include "common/bytes.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

/// What a kbs:/// URI names.
using GetResource = std::function<Result<Bytes>(const std::string& uri)>;

/// A public key that verifies signatures of cosign: ECDSA on P-256, P-384 or P-521, RSA from 2,048 bits, Ed25519.
struct SigstoreKey {
    std::shared_ptr<EVP_PKEY> key;
    std::string name;  ///< "ECDSA key SHA256:<hex>": of the SubjectPublicKeyInfo
};

/// Every key of the requirement; one that cannot be had or read is an error: the policy is not what its owner meant.
Result<openpgp::Keyring> load_keyring(const TrustedKeys& keys, const GetResource& get);
Result<std::vector<SigstoreKey>> load_sigstore_keys(const TrustedKeys& keys, const GetResource& get);

}  // namespace hallmark::image_policy
