// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs rewrap: a key store under another master key.
#include <memory>
#include <string>

#include "relying-party/cli.hpp"
#include "relying-party/cli_store.hpp"

namespace hallmark::cli {
namespace {

struct Options {
    StoreOptions store;
    MasterKeyOptions to;
};

Result<Answer> rewrap(const Options& options) {
    HALLMARK_TRY(const auto store, open_store(options.store));
    HALLMARK_TRY(const auto to, open_master_key(options.to, "--to"));
    HALLMARK_CHECK(store->rewrap(to));
    return options.store.file + ": now under " + to->name() + "\n";
}

}  // namespace

void add_rewrap_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    add_store_options(app, options->store);
    app.add_option("--to", options->to.name, "The new master key, named as the one before")
        ->type_name("KEY")
        ->required();
    app.add_option("--to-pkcs11-module", options->to.module, "Library of the new key's token")->type_name("FILE");
    app.add_option("--to-pkcs11-pin", options->to.pin_file, "File with the PIN of that token's user")
        ->type_name("FILE");
    app.callback([options, &run] { run = [options] { return rewrap(*options); }; });
}

}  // namespace hallmark::cli
