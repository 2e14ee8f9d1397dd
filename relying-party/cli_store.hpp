// SPDX-License-Identifier: Apache-2.0
// The options by which commands of hallmark-kbs find the key store.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "common/result.hpp"
#include "relying-party/keys/master_key.hpp"
#include "relying-party/keys/sqlite_key_store.hpp"

namespace hallmark::cli {

struct MasterKeyOptions {
    std::string name;      ///< a file, "credential:NAME" or a PKCS#11 URI
    std::string module;    ///< of PKCS#11
    std::string pin_file;  ///< of PKCS#11
};

struct StoreOptions {
    std::string file;
    MasterKeyOptions master_key;
};

void add_store_options(CLI::App& app, StoreOptions& options);

/// The key that is named. `option` names it in errors.
Result<std::shared_ptr<keys::MasterKey>> open_master_key(const MasterKeyOptions& options, const std::string& option);

/// Makes the key that is named, which must not be there.
Result<std::shared_ptr<keys::MasterKey>> create_master_key(const MasterKeyOptions& options, const std::string& option);

/// The store, which is there, under the master key that is named.
Result<std::unique_ptr<keys::SqliteKeyStore>> open_store(const StoreOptions& options);

}  // namespace hallmark::cli
