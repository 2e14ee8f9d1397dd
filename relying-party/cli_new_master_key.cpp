// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs new-master-key: what a key store will be encrypted under.
#include <memory>
#include <string>

#include "relying-party/cli.hpp"
#include "relying-party/cli_store.hpp"

namespace hallmark::cli {
namespace {

Result<Answer> make(const MasterKeyOptions& options) {
    HALLMARK_TRY(const auto key, create_master_key(options, "KEY"));
    return key->name() + ": made\n";
}

}  // namespace

void add_new_master_key_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<MasterKeyOptions>();
    app.add_option("KEY", options->name, "A file, or the PKCS#11 URI of a key in a token, which will not leave it")
        ->type_name("")
        ->required();
    app.add_option("--pkcs11-module", options->module, "Library of the token")->type_name("FILE");
    app.add_option("--pkcs11-pin", options->pin_file, "File with the PIN of the token's user")->type_name("FILE");
    app.callback([options, &run] { run = [options] { return make(*options); }; });
}

}  // namespace hallmark::cli
