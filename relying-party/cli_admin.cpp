// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs set-resource, delete-resource, set-policy, set-release-policy: what an administrator asks of a
// running key broker.
#include "relying-party/cli_admin.hpp"

#include <memory>
#include <string>
#include <string_view>

#include "common/base64.hpp"
#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/json.hpp"
#include "common/kbs/admin_client.hpp"
#include "common/secret.hpp"
#include "common/text.hpp"
#include "relying-party/appraisal/policy.hpp"
#include "relying-party/appraisal/release_policy.hpp"
#include "relying-party/cli.hpp"
#include "relying-party/keys/resource_path.hpp"
#include "relying-party/keys/sqlite_key_store.hpp"

namespace hallmark::cli {
namespace {

struct Options {
    std::string path;
    std::string file;
    kbs::AdminAccess access;
};

/// default/key/disk, or kbs:///default/key/disk as guests write it.
Result<keys::ResourcePath> parse_path(const std::string& text) {
    return text.find("://") == std::string::npos ? keys::ResourcePath::parse(text) : keys::ResourcePath::of_uri(text);
}

Result<Answer> set_resource(const Options& options) {
    HALLMARK_TRY(const auto path, parse_path(options.path));
    HALLMARK_TRY(Bytes bytes, read_file(options.file, keys::kLargestSecret));
    const Secret secret(std::move(bytes));
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    HALLMARK_CHECK(client.post("resource/" + path.text(), secret.bytes(), "application/octet-stream"));
    return path.text() + ": " + std::to_string(secret.bytes().size()) + " bytes stored at " + options.access.url + "\n";
}

Result<Answer> delete_resource(const Options& options) {
    HALLMARK_TRY(const auto path, parse_path(options.path));
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    HALLMARK_CHECK(client.remove("resource/" + path.text()));
    return path.text() + ": deleted at " + options.access.url + "\n";
}

/// A policy goes as the protocol has it: in base64url in an object. It is read here first, as the broker will.
template <class Parse>
Result<Answer> set_policy(const Options& options, std::string_view endpoint, Parse parse) {
    HALLMARK_TRY(const Bytes bytes, read_file(options.file, appraisal::kLargestPolicy));
    const std::string_view text = text_of(bytes);
    HALLMARK_CHECK(parse(text, options.file));
    const Json body = {{"type", "toml"}, {"policy", to_base64url(bytes)}};
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    HALLMARK_CHECK(client.post(endpoint, as_bytes(body.dump()), "application/json"));
    return options.file + ": in force at " + options.access.url + "\n";
}

Status check_appraisal_policy(std::string_view text, const std::string& what) {
    HALLMARK_CHECK(appraisal::parse_policy(text, what));
    return {};
}

Status check_release_policy(std::string_view text, const std::string& what) {
    HALLMARK_CHECK(appraisal::parse_release_policy(text, what));
    return {};
}

using Do = Result<Answer> (*)(const Options&);

void add_resource_options(CLI::App& app, Run& run, bool with_file, Do what) {
    const auto options = std::make_shared<Options>();
    app.add_option("PATH", options->path, "REPOSITORY/TYPE/TAG, or kbs:/// and that")->type_name("")->required();
    if (with_file) app.add_option("FILE", options->file, "The secret")->type_name("")->required();
    add_admin_options(app, options->access);
    app.callback([options, what, &run] { run = [options, what] { return what(*options); }; });
}

void add_policy_options(CLI::App& app, Run& run, Do what) {
    const auto options = std::make_shared<Options>();
    app.add_option("FILE", options->file, "The policy, in TOML")->type_name("")->required();
    add_admin_options(app, options->access);
    app.callback([options, what, &run] { run = [options, what] { return what(*options); }; });
}

}  // namespace

void add_admin_options(CLI::App& app, kbs::AdminAccess& access) {
    app.add_option("--kbs", access.url, "The key broker, https://HOST[:PORT]")->type_name("URL")->required();
    app.add_option("--admin-key", access.key, "The administrator's Ed25519 key in PEM")->type_name("FILE")->required();
    app.add_option("--certificate", access.certificate,
                   "Certificates in PEM to trust the broker by, in place of the system's")
        ->type_name("FILE");
    app.add_option("--role", access.role, "What the administrator's token says (default admin)")->type_name("NAME");
    app.add_flag("--insecure-http", access.insecure_http, "Take http:// too; anyone between reads the token");
}

void add_set_resource_options(CLI::App& app, Run& run) { add_resource_options(app, run, true, set_resource); }

void add_delete_resource_options(CLI::App& app, Run& run) { add_resource_options(app, run, false, delete_resource); }

void add_set_policy_options(CLI::App& app, Run& run) {
    add_policy_options(app, run, [](const Options& options) {
        return set_policy(options, "attestation-policy", check_appraisal_policy);
    });
}

void add_set_release_policy_options(CLI::App& app, Run& run) {
    add_policy_options(
        app, run, [](const Options& options) { return set_policy(options, "resource-policy", check_release_policy); });
}

}  // namespace hallmark::cli
