// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs: the owner's side of remote attestation.
#include <cstdio>
#include <string>

#include "relying-party/cli.hpp"

namespace hallmark {
namespace {

constexpr const char* kProgram = "hallmark-kbs";
constexpr const char* kVersionText = "hallmark-kbs " HALLMARK_VERSION;

struct Command {
    const char* name;
    const char* describes;
    void (*add_options)(CLI::App&, cli::Run&);
    const char* example;
};

// In the order of --help: the broker, what an administrator asks of it, what works on its files.
constexpr Command kCommands[] = {
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

std::string footer(const std::string& example) { return "Example:\n  " + example; }

int fail(const std::string& message, int status) {
    // One line, whatever came in with a file name or an option.
    std::string line = std::string(kProgram) + ": " + message;
    for (auto& c : line)
        if (c == '\n' || c == '\r') c = ' ';
    std::fprintf(stderr, "%s\n", line.c_str());
    return status;
}

int print(const cli::Answer& answer) {
    const auto& text = answer.text;
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return answer.status;
    return fail("standard output: can't be written", 2);
}

int kbs_main(int argc, char** argv) {
    CLI::App app("The owner's side of remote attestation", kProgram);
    app.set_version_flag("--version", kVersionText);
    app.require_subcommand(1);
    cli::Run run;
    for (const auto& command : kCommands) {
        auto* added = app.add_subcommand(command.name, command.describes);
        command.add_options(*added, run);
        added->footer(footer(command.example));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return fail(std::string(error.what()) + "; see " + kProgram + " --help", 2);
    }
    const auto answer = run();
    if (!answer) return fail(answer.error().message, answer.error().exit_status());
    return print(*answer);
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) { return hallmark::kbs_main(argc, argv); }
