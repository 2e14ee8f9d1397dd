// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs: the owner's side of remote attestation.
#include "cli/program.hpp"
#include "relying-party/cli.hpp"

namespace hallmark {
namespace {

constexpr const char* kProgram = "hallmark-kbs";
constexpr const char* kVersionText = "hallmark-kbs " HALLMARK_VERSION;

// In the order of --help: the broker, what an administrator asks of it, what works on its files.
constexpr cli::Command kCommands[] = {
    {"serve", "Serve the key broker service", cli::add_serve_options,
     "hallmark-kbs serve --data /var/lib/hallmark --admin-key admin.pub.pem --listen 0.0.0.0:8080 --tls-name "
     "kbs.example"},
    {"verify", "Verify evidence, and appraise it where reference values are given", cli::add_verify_options,
     "hallmark-kbs verify report.bin --cert vcek.der chain.pem --reference-values build/guest/reference-values.json"},
    {"set-resource", "Store a secret with a key broker", cli::add_set_resource_options,
     "hallmark-kbs set-resource default/key/disk disk.key --kbs https://kbs.example:8080 --admin-key admin.pem"},
    {"delete-resource", "Delete a secret of a key broker", cli::add_delete_resource_options,
     "hallmark-kbs delete-resource default/key/disk --kbs https://kbs.example:8080 --admin-key admin.pem"},
    {"reference-values", "Add, set, list, show and delete the reference values of a key broker",
     cli::add_reference_values_options,
     "hallmark-kbs reference-values add platform-values.json --kbs https://kbs.example:8080 --admin-key admin.pem\n"
     "  hallmark-kbs reference-values set snp_host_data DIGEST --kbs https://kbs.example:8080 --admin-key admin.pem"},
    {"set-policy", "Put an appraisal policy in force at a key broker", cli::add_set_policy_options,
     "hallmark-kbs set-policy appraisal.toml --kbs https://kbs.example:8080 --admin-key admin.pem"},
    {"set-release-policy", "Put a release policy in force at a key broker", cli::add_set_release_policy_options,
     "hallmark-kbs set-release-policy release.toml --kbs https://kbs.example:8080 --admin-key admin.pem"},
    {"audit", "Tell whether an audit log is whole, and what is in it", cli::add_audit_options,
     "hallmark-kbs audit /var/lib/hallmark/audit.log"},
    {"new-master-key", "Make a master key, in a file or in a token", cli::add_new_master_key_options,
     "hallmark-kbs new-master-key 'pkcs11:token=hallmark;object=master' --pkcs11-module "
     "/usr/lib/softhsm/libsofthsm2.so "
     "\\\n      --pkcs11-pin pin"},
    {"rewrap", "Put a key store under another master key", cli::add_rewrap_options,
     "hallmark-kbs rewrap --store /var/lib/hallmark/keys.sqlite --master-key master.key --to new.key"},
    {"keyprovider", "Wrap and unwrap keys of image layers, as ocicrypt's key provider", cli::add_keyprovider_options,
     R"({"key-providers":{"attestation-agent":{"cmd":{"path":"/usr/bin/hallmark-kbs","args":)"
     "\n"
     R"(  ["keyprovider","--store","/var/lib/hallmark/keys.sqlite","--master-key","/etc/hallmark/master.key"]}}}})"
     "\n  in a file that $OCICRYPT_KEYPROVIDER_CONFIG names; then\n"
     "  skopeo copy --encryption-key provider:attestation-agent:keyid=kbs:///default/key/1 oci:plain oci:encrypted"},
};

int kbs_main(int argc, char** argv) {
    CLI::App app("The owner's side of remote attestation", kProgram);
    app.set_version_flag("--version", kVersionText);
    cli::Run run;
    cli::add_commands(app, run, kCommands);
    return cli::run_program({.app = app, .run = run, .name = kProgram}, argc, argv);
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) { return hallmark::kbs_main(argc, argv); }
