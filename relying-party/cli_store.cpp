// SPDX-License-Identifier: Apache-2.0
#include "relying-party/cli_store.hpp"

#include <string_view>
#include <utility>

#include "relying-party/keys/file_master_key.hpp"
#include "relying-party/keys/pkcs11_master_key.hpp"
#include "relying-party/keys/private_file.hpp"

namespace hallmark::cli {
namespace {

constexpr std::string_view kCredential = "credential:";
constexpr std::string_view kPkcs11 = "pkcs11:";

Result<keys::Pkcs11Options> token_of(const MasterKeyOptions& options, const std::string& option) {
    if (options.module.empty() || options.pin_file.empty())
        return bad_input(option + ": in a token, expected its --pkcs11-module and --pkcs11-pin too");
    HALLMARK_TRY(Secret bytes, keys::read_private(options.pin_file, keys::kLargestPin));
    HALLMARK_TRY(Secret pin, keys::pin_of(std::move(bytes)));
    return keys::Pkcs11Options{.module = options.module, .uri = options.name, .pin = std::move(pin)};
}

}  // namespace

void add_store_options(CLI::App& app, StoreOptions& options) {
    app.add_option("--store", options.file, "The key store")->type_name("FILE")->required();
    app.add_option(
           "--master-key", options.master_key.name,
           "What the store is encrypted under: a file of 32 bytes, credential:NAME for one of systemd's, or the "
           "PKCS#11 URI of a key in a token")
        ->type_name("KEY")
        ->required();
    app.add_option("--pkcs11-module", options.master_key.module, "Library of the token")->type_name("FILE");
    app.add_option("--pkcs11-pin", options.master_key.pin_file, "File with the PIN of the token's user")
        ->type_name("FILE");
}

Result<std::shared_ptr<keys::MasterKey>> open_master_key(const MasterKeyOptions& options, const std::string& option) {
    const std::string& name = options.name;
    if (name.starts_with(kCredential)) return keys::credential_master_key(name.substr(kCredential.size()));
    if (!name.starts_with(kPkcs11)) return keys::read_master_key(name);
    HALLMARK_TRY(auto token, token_of(options, option));
    return keys::open_pkcs11_key(std::move(token));
}

Result<std::shared_ptr<keys::MasterKey>> create_master_key(const MasterKeyOptions& options, const std::string& option) {
    const std::string& name = options.name;
    if (name.starts_with(kCredential)) return bad_input(option + ": systemd's credentials are made by systemd-creds");
    if (!name.starts_with(kPkcs11)) return keys::create_master_key(name);
    HALLMARK_TRY(auto token, token_of(options, option));
    return keys::create_pkcs11_key(std::move(token));
}

Result<std::unique_ptr<keys::SqliteKeyStore>> open_store(const StoreOptions& options) {
    HALLMARK_TRY(auto master_key, open_master_key(options.master_key, "--master-key"));
    return keys::SqliteKeyStore::open(options.file, std::move(master_key));
}

}  // namespace hallmark::cli
