// SPDX-License-Identifier: Apache-2.0
// A folder of keys and certificates that only its owner can read. Keys are PKCS #8 in PEM, certificates PEM.
#pragma once

#include <filesystem>
#include <string_view>

#include "common/descriptor.hpp"
#include "common/openssl.hpp"

namespace hallmark::boot {

constexpr unsigned kPublicFile = 0644;

/// Makes the folder where it is missing.
Status make_folder(const std::filesystem::path& folder);
/// Held while files of the folder are made or read, so that two processes see one chain.
Result<FileDescriptor> lock_folder(const std::filesystem::path& folder);

Status write_certificate(const std::filesystem::path& path, X509& certificate);
Result<openssl::Certificate> read_certificate(const std::filesystem::path& path);
Status write_key(const std::filesystem::path& path, EVP_PKEY& key);
/// A private key is used only where nobody but its owner can read it.
Result<openssl::Key> read_key(const std::filesystem::path& path);

/// $XDG_STATE_HOME/hallmark/NAME, or below the home folder.
Result<std::filesystem::path> state_folder(std::string_view name);

}  // namespace hallmark::boot
