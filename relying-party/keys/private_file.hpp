// SPDX-License-Identifier: Apache-2.0
// Files that only this program's user may read: keys, PINs, the store, the audit log.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::keys {

/// The folder that the file lies in (or will) belongs to this user or to root, and nobody else can write to it.
Status check_folder_of(const std::filesystem::path& file);

/// A regular file, no link, of this user's, that nobody else may read or write.
Status check_private(const std::filesystem::path& file);

/// A whole secret of at most `limit` bytes from a file that nobody but this user and root may read.
Result<Secret> read_private(const std::filesystem::path& file, std::size_t limit);

/// The same of a credential that systemd gave to this service (LoadCredential=): $CREDENTIALS_DIRECTORY/NAME.
Result<Secret> read_credential(std::string_view name, std::size_t limit);

/// Writes a new file of mode 0600, durably, whole or not at all; one that is there already is an error.
Status create_private(const std::filesystem::path& file, ByteSpan bytes);

/// Makes the names in the file's folder durable.
Status sync_folder_of(const std::filesystem::path& file);

}  // namespace hallmark::keys
