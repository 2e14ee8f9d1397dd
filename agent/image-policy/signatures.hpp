// SPDX-License-Identifier: Apache-2.0
// One signature held against one requirement.
// Source: containers-policy.json(5), sections "signedBy" and "sigstoreSigned"; cosign, specs/SIGNATURE_SPEC.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/image-policy/image.hpp"
#include "agent/image-policy/openpgp/keyring.hpp"
#include "agent/image-policy/signature_source.hpp"
#include "agent/image-policy/trusted_keys.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

/// An OpenPGP message by one of the keys. Answers which key. `now` is in seconds since 1970. What is signed is looked
/// at only when the signature holds.
Result<std::string> check_simple_signature(ByteSpan message, const openpgp::Keyring& keys, const Image& image,
                                           const SignedIdentity& identity, std::int64_t now);

/// A signature of cosign by one of the keys: ECDSA and RSA (PKCS#1 v1.5) over SHA-256, Ed25519 over the payload.
/// Answers which key.
Result<std::string> check_sigstore_signature(const SigstoreSignature& signature, const std::vector<SigstoreKey>& keys,
                                             const Image& image, const SignedIdentity& identity);

}  // namespace hallmark::image_policy
