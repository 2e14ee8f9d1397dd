// SPDX-License-Identifier: Apache-2.0
// A master key of 32 bytes that this program reads, from a file or from a systemd credential.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "common/result.hpp"
#include "relying-party/keys/master_key.hpp"

namespace hallmark::keys {

/// The file has exactly 32 random bytes and belongs to nobody else.
Result<std::shared_ptr<MasterKey>> read_master_key(const std::filesystem::path& file);

/// Makes the file first, whole or not at all; one that is there is an error.
Result<std::shared_ptr<MasterKey>> create_master_key(const std::filesystem::path& file);

/// From $CREDENTIALS_DIRECTORY/NAME.
Result<std::shared_ptr<MasterKey>> credential_master_key(std::string_view name);

}  // namespace hallmark::keys
