// SPDX-License-Identifier: Apache-2.0
// Encrypts images under keys of the store: wraps the key of each layer when an image is encrypted, and unwraps it for
// owners who decrypt one.
// Source: Confidential Containers, guest-components 8246e5e, attestation-agent/coco_keyprovider (parameters).
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "relying-party/keys/key_store.hpp"

namespace hallmark::owner {

/// The name under which images have their keys for Confidential Containers.
constexpr std::string_view kProviderName = "attestation-agent";

/// The answer to one request (key_provider_protocol.hpp). A wrap request may name the key that the store has
/// (keyid=KEY); where it doesn't, a new key is made and stored before the answer is given.
Result<std::string> answer_key_provider(std::string_view request, std::string_view provider, keys::KeyStore& store);

}  // namespace hallmark::owner
