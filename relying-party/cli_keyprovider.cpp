// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>

#include "common/descriptor.hpp"
#include "common/key-provider/protocol.hpp"
#include "common/secret.hpp"
#include "common/text.hpp"
#include "relying-party/cli.hpp"
#include "relying-party/cli_store.hpp"
#include "relying-party/owner/key_provider.hpp"

namespace hallmark::cli {
namespace {

struct Options {
    StoreOptions store;
    std::string provider{owner::kProviderName};
};

/// One byte more than is allowed tells that there is more. The buffer never moves: a key of a layer is in it.
Result<Secret> read_request() {
    Bytes bytes(key_provider::kMostRequestBytes + 1);
    std::size_t size = 0;
    while (size < bytes.size()) {
        const auto count = ::read(STDIN_FILENO, bytes.data() + size, bytes.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error("standard input"));
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    bytes.resize(size);
    return Secret(std::move(bytes));
}

Result<Answer> answer(const Options& options) {
    HALLMARK_TRY(const Secret request, read_request());
    HALLMARK_TRY(const auto store, open_store(options.store));
    const auto bytes = request.bytes();
    return owner::answer_key_provider(text_of(bytes), options.provider, *store);
}

}  // namespace

void add_keyprovider_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    add_store_options(app, options->store);
    app.add_option("--provider", options->provider, "Its name in ocicrypt's configuration (default attestation-agent)")
        ->type_name("NAME");
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

}  // namespace hallmark::cli
