// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "common/file.hpp"
#include "common/json.hpp"
#include "common/kbs/admin_client.hpp"
#include "measure/cli.hpp"
#include "measure/image/manifest.hpp"
#include "measure/reference_values/reference_values.hpp"
#include "measure/reference_values/rvps.hpp"

namespace hallmark::cli {
namespace {

constexpr std::size_t kLargestDocument = 16 * 1024 * 1024;
constexpr const char* kPath = "reference-value";

struct Options {
    std::string folder;
    kbs::AdminAccess access;
    bool trustee = false;
    bool json = false;
};

/// hallmark-kbs keeps the values of several builds side by side; Trustee takes its provider's messages, of which each
/// replaces the one before.
Result<std::string> publish(const Options& options) {
    const std::filesystem::path folder = options.folder;
    HALLMARK_CHECK(read_manifest(folder));
    const std::string_view name = options.trustee ? kRvpsMessageFile : kReferenceValuesFile;
    HALLMARK_TRY(const Bytes document, read_file(folder / name, kLargestDocument));
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    HALLMARK_CHECK(client.post(kPath, document, "application/json"));
    if (options.json)
        return to_text({{"file", (folder / name).string()}, {"size", document.size()}, {"kbs", options.access.url}});
    return (folder / name).string() + ": " + std::to_string(document.size()) + " bytes registered at " +
           options.access.url + "\n";
}

}  // namespace

void add_publish_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    app.add_option("DIR", options->folder, "Folder with manifest.json and what reference-values wrote")
        ->type_name("")
        ->required();
    app.add_option("--kbs", options->access.url, "The key broker, https://HOST[:PORT]")->type_name("URL")->required();
    app.add_option("--admin-key", options->access.key, "The administrator's Ed25519 key in PEM")
        ->type_name("FILE")
        ->required();
    app.add_option("--certificate", options->access.certificate,
                   "Certificates in PEM to trust the broker by, in place of the system's")
        ->type_name("FILE");
    app.add_option("--role", options->access.role, "What the administrator's token says (default admin)")
        ->type_name("NAME");
    app.add_flag("--trustee", options->trustee, "The broker is Trustee: send the message for its provider service");
    app.add_flag("--insecure-http", options->access.insecure_http, "Take http:// too; anyone between reads the token");
    app.add_flag("--json", options->json, "Say as JSON what was sent");
    app.callback([options, &run] { run = [options] { return publish(*options); }; });
}

}  // namespace hallmark::cli
