// SPDX-License-Identifier: Apache-2.0
// A master key in a PKCS#11 token: it never leaves the token, wrapping and unwrapping happen inside.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "common/result.hpp"
#include "common/secret.hpp"
#include "relying-party/keys/master_key.hpp"

namespace hallmark::keys {

struct Pkcs11Options {
    std::filesystem::path module;  ///< the token's library, named from the root
    std::string uri;               ///< RFC 7512, names one token and one key in it; without a PIN
    Secret pin;                    ///< of the token's user
};

/// The longest file that holds a PIN, in bytes.
inline constexpr std::size_t kLargestPin = 256;

/// The PIN in a file's or a credential's bytes: up to a line end that may close it.
Result<Secret> pin_of(Secret bytes);

/// Finds the key. One that could leave the token, or once could, is refused.
Result<std::shared_ptr<MasterKey>> open_pkcs11_key(Pkcs11Options options);

/// Has the token make the key first: AES-256, sensitive, never extractable. One of that name is an error.
Result<std::shared_ptr<MasterKey>> create_pkcs11_key(Pkcs11Options options);

}  // namespace hallmark::keys
