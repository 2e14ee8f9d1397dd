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

constexpr Command kCommands[] = {
    {"serve", "Serve the key broker service", cli::add_serve_options,
     "hallmark-kbs serve --data /var/lib/hallmark --admin-key admin.pub.pem --listen 0.0.0.0:8080 --tls-name "
     "kbs.example"},
    {"verify", "Verify evidence, and appraise it where reference values are given", cli::add_verify_options,
     "hallmark-kbs verify report.bin --cert vcek.der chain.pem --reference-values build/guest/reference-values.json"},
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
