// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/registry.hpp"

#include <string_view>

#include "boot/demo/image.hpp"
#include "common/file.hpp"
#include "common/json.hpp"

namespace hallmark::boot::demo {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRepository = "hallmark/demo";
constexpr std::size_t kLargestBusybox = std::size_t{16} << 20;
constexpr std::size_t kLargestText = 4096;

/// What skopeo reads besides its arguments: which command wraps keys, and that signatures go into the registry.
Status write_configuration(const Tools& tools, const fs::path& folder, const Owner& owner) {
    const Json wrapper{{"path", tools.kbs.string()},
                       {"args", Json::array({"keyprovider", "--store", (owner.data() / "keys.sqlite").string(),
                                             "--master-key", (owner.data() / "master.key").string()})}};
    const Json providers{{"key-providers", {{"attestation-agent", {{"cmd", wrapper}}}}}};
    HALLMARK_CHECK(write_file(folder / "ocicrypt.json", as_bytes(to_text(providers))));
    std::error_code error;
    fs::create_directories(folder / "registries.d", error);
    fs::create_directories(folder / "authorities", error);
    if (error) return bad_input(folder.string() + ": " + error.message());
    fs::copy_file(owner.certificate(), folder / "authorities/ca.crt", error);
    if (error) return bad_input((folder / "authorities/ca.crt").string() + ": " + error.message());
    HALLMARK_CHECK(write_file(folder / "passphrase", {}, 0600));  // the folder is its owner's alone
    return write_file(folder / "registries.d/all.yaml",
                      as_bytes(std::string_view("default-docker:\n    use-sigstore-attachments: true\n")));
}

Result<std::string> read_text(const fs::path& path) {
    HALLMARK_TRY(const Bytes bytes, read_file(path, kLargestText));
    return std::string(bytes.begin(), bytes.end());
}

}  // namespace

Result<Server> start_registry(const Tools& tools, const fs::path& folder, const Owner& owner, Deadline deadline) {
    const Json config{
        {"version", "0.1"},
        {"log", {{"level", "info"}, {"accesslog", {{"disabled", true}}}}},
        {"storage", {{"filesystem", {{"rootdirectory", (folder / "registry").string()}}}}},
        {"http",
         {{"addr", "127.0.0.1:0"},
          {"tls", {{"certificate", owner.certificate().string()}, {"key", owner.certificate_key().string()}}}}}};
    const auto file = folder / "registry.yml";  // JSON is YAML
    HALLMARK_CHECK(write_file(file, as_bytes(to_text(config))));
    return Server::start({tools.registry, "serve", file}, environment(folder), folder / "registry.log",
                         "listening on 127.0.0.1:", deadline);
}

Result<Pushed> push_image(const Tools& tools, const fs::path& folder, const Owner& owner, const Server& registry,
                          const std::string& seen_as, std::size_t filler, Deadline deadline) {
    HALLMARK_TRY(const Bytes busybox, read_file(tools.busybox, kLargestBusybox));
    HALLMARK_CHECK(write_image(folder / "plain", busybox, filler));
    HALLMARK_CHECK(write_configuration(tools, folder, owner));
    const auto variables = [&] {
        auto all = environment(folder);
        all.push_back("OCICRYPT_KEYPROVIDER_CONFIG=" + (folder / "ocicrypt.json").string());
        return all;
    }();
    HALLMARK_CHECK(run({tools.skopeo, "generate-sigstore-key", "--output-prefix", folder / "signing",
                        "--passphrase-file", folder / "passphrase"},
                       variables, deadline));
    Pushed pushed{.name = seen_as + "/" + kRepository + ":1"};
    HALLMARK_CHECK(
        run({tools.skopeo, "copy", "--insecure-policy", "--registries.d", folder / "registries.d", "--dest-cert-dir",
             folder / "authorities", "--encryption-key",
             std::string("provider:attestation-agent:keyid=kbs:///") + kKeyPath, "--sign-by-sigstore-private-key",
             folder / "signing.private", "--sign-passphrase-file", folder / "passphrase", "--sign-identity",
             pushed.name, "--digestfile", folder / "digest", "oci:" + (folder / "plain").string() + ":" + kLayoutTag,
             "docker://127.0.0.1:" + registry.port() + "/" + kRepository + ":1"},
            variables, deadline));
    HALLMARK_TRY(pushed.digest, read_text(folder / "digest"));
    HALLMARK_TRY(pushed.public_key, read_text(folder / "signing.pub"));
    return pushed;
}

}  // namespace hallmark::boot::demo
