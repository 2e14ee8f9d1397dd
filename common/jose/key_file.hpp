// SPDX-License-Identifier: Apache-2.0
// Keys that sign and verify, in PEM files.
#pragma once

#include <filesystem>

#include "common/jose/signing_key.hpp"
#include "common/result.hpp"

namespace hallmark::jose {

/// The signing key in a PEM file. Where there is no such file, one is made: whole or not at all, readable by its owner
/// only, and never in place of one that another process made meanwhile.
Result<SigningKey> read_or_make_key(const std::filesystem::path& path, SignatureAlgorithm algorithm);

/// The signing key in a PEM file that must be there. One that any user may read, or that its group may write, is
/// refused.
Result<SigningKey> read_signing_key(const std::filesystem::path& path, SignatureAlgorithm algorithm);

/// The public key in a PEM file.
Result<VerifyingKey> read_verifying_key(const std::filesystem::path& path, SignatureAlgorithm algorithm);

}  // namespace hallmark::jose
