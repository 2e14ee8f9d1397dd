// SPDX-License-Identifier: Apache-2.0
// Keys that sign tokens, in files.
#pragma once

#include <filesystem>

#include "common/jose/signing_key.hpp"
#include "common/result.hpp"

namespace hallmark::tokens {

/// The signing key in a PEM file. Where there is no such file, one is made: whole or not at all, readable by its owner
/// only, and never in place of one that another process made meanwhile.
Result<jose::SigningKey> read_or_make_key(const std::filesystem::path& path, jose::SignatureAlgorithm algorithm);

/// The signing key in a PEM file that must be there. One that others than its owner may read or write is refused.
Result<jose::SigningKey> read_signing_key(const std::filesystem::path& path, jose::SignatureAlgorithm algorithm);

/// The public key in a PEM file.
Result<jose::VerifyingKey> read_verifying_key(const std::filesystem::path& path, jose::SignatureAlgorithm algorithm);

}  // namespace hallmark::tokens
