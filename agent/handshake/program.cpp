// SPDX-License-Identifier: Apache-2.0
#include "agent/handshake/program.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "agent/attestation/config.hpp"
#include "agent/attestation/setup.hpp"
#include "agent/confinement/privileges.hpp"
#include "agent/daemon/arguments.hpp"
#include "agent/daemon/say.hpp"
#include "agent/events/written_events.hpp"
#include "agent/evidence/sample.hpp"
#include "agent/handshake/handshake.hpp"
#include "common/file.hpp"
#include "common/kbs/broker.hpp"

namespace hallmark::handshake {
namespace {

constexpr const char* kProgram = "hallmark-guest attest";
constexpr std::size_t kLargestCertificates = 1024 * 1024;

constexpr const char* kHelp =
    "hallmark-guest attest: one handshake with a key broker, and an account of it: what was sent, what came back, and\n"
    "why it failed\n"
    "\n"
    "Usage: hallmark-guest attest --kbs URL [OPTIONS]\n"
    "\n"
    "  --kbs URL              the key broker, https://HOST[:PORT]; without it, the one that the agent would ask\n"
    "  --kbs-cert FILE        PEM: trusted in place of the system's authorities\n"
    "  --insecure-http        take http:// too: the token is then readable on the way, secrets are not\n"
    "  --resource PATH        ask for this secret too, REPOSITORY/TYPE/TAG; only its size is shown\n"
    "  --output FILE          put the secret into a new file that only its owner can read\n"
    "  --initdata-toml FILE   the init-data that the launch must have been bound to; the broker gets it\n"
    "  -c, --config-file FILE the attestation agent's configuration: broker, certificate, protocol, kind of key, and\n"
    "                         sample evidence where it asks for it\n"
    "  --json                 the account for programs\n"
    "  --version              prints the version\n"
    "  --help                 prints this\n"
    "\n"
    "The evidence is the agent's: configfs-tsm, else the simulated TEE. Without --resource, granted means that the\n"
    "verdict on this guest is affirming. Exit status: 0 granted; 1 refused, or failed on the way; 2 the request is "
    "wrong.\n"
    "\n"
    "Example: hallmark-guest attest --kbs https://kbs.example:8080 --kbs-cert kbs.pem --resource default/key/disk\n";

guest::Arguments made() {
    return {kProgram,
            kHelp,
            {{"--kbs", "https://HOST[:PORT]"},
             {"--kbs-cert", "FILE"},
             {"--insecure-http", ""},
             {"--resource", "REPOSITORY/TYPE/TAG"},
             {"--output", "FILE"},
             {"--initdata-toml", "FILE"},
             {"--config-file", "FILE", "-c"},
             {"--json", ""}}};
}

Result<std::string> read_certificate(const std::string& path) {
    HALLMARK_TRY(const Bytes bytes, read_file(path, kLargestCertificates));
    std::string pem(bytes.begin(), bytes.end());
    if (pem.find("-----BEGIN CERTIFICATE-----") != std::string::npos) return pem;
    return bad_input("--kbs-cert " + path + ": expected a certificate in PEM (-----BEGIN CERTIFICATE-----)");
}

/// What can be told to be wrong before anything is sent.
Status check(const Plan& plan) {
    if (plan.access.url.empty())
        return bad_input("no key broker: give --kbs https://HOST[:PORT], or -c with token_configs.kbs.url");
    HALLMARK_CHECK(kbs::check_url(plan.access.url, plan.access.insecure_http));
    if (!plan.resource.empty()) HALLMARK_CHECK(kbs::check_resource_path(plan.resource));
    if (plan.output.empty()) return {};
    if (plan.resource.empty()) return bad_input("--output: expected --resource too, of which it is to hold the secret");
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::symlink_status(plan.output, ignored)))
        return bad_input("--output " + plan.output + ": is there already; name a new file");
    return {};
}

Result<Plan> plan_of(const guest::Arguments& arguments, const attestation::Config& config) {
    Plan plan{.access = {.url = arguments.value("--kbs").value_or(config.kbs_url),
                         .certificate = {},
                         .trusted = http::Authorities(config.kbs_certificate_pem),
                         .insecure_http = arguments.has("--insecure-http"),
                         .version = config.kbs_protocol},
              .key_kind = config.tee_key,
              .resource = arguments.value("--resource").value_or(""),
              .output = arguments.value("--output").value_or("")};
    if (const auto path = arguments.value("--kbs-cert")) {
        HALLMARK_TRY(const std::string pem, read_certificate(*path));
        plan.access.trusted = http::Authorities(pem);
    }
    if (const auto path = arguments.value("--initdata-toml")) {
        HALLMARK_TRY(plan.init_data, attestation::read_init_data(*path));
    }
    HALLMARK_CHECK(check(plan));
    return plan;
}

/// `events` outlives the evidence.
Result<std::unique_ptr<guest::EvidenceSource>> evidence_of(const attestation::Config& config, const guest::Roots& roots,
                                                           events::WrittenEvents& events) {
    HALLMARK_TRY(auto platform, attestation::find_platform(config, roots));
    if (!platform) return std::unique_ptr<guest::EvidenceSource>(std::make_unique<guest::SampleEvidence>());
    platform->log(events);
    return std::unique_ptr<guest::EvidenceSource>(std::move(platform));
}

/// Whether it was granted; an error where the request is wrong.
Result<bool> attest(const guest::Arguments& arguments, const guest::Roots& roots) {
    HALLMARK_TRY(const auto config, attestation::read_config(arguments.value("--config-file").value_or(""), roots));
    HALLMARK_TRY(const Plan plan, plan_of(arguments, config));
    events::WrittenEvents events(attestation::event_folder(roots));
    HALLMARK_CHECK(confinement::keep_memory_private());  // a key and a secret will be in it
    const auto evidence = evidence_of(config, roots, events);
    if (!evidence && evidence.error().fault == Fault::kBadInput) return std::unexpected(evidence.error());
    const Account account = shake_hands(plan, evidence);
    const std::string text =
        arguments.has("--json")
            ? json_of(account).dump(2, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) + "\n"
            : text_of(account);
    if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) return refused("stdout: can't be written");
    return account.outcome == Outcome::kGranted;
}

}  // namespace

int run_attest(std::span<const char* const> words, const guest::Roots& roots) {
    auto arguments = made();
    if (const auto status = arguments.parse(words)) return *status;
    const auto granted = attest(arguments, roots);
    if (granted) return *granted ? 0 : 1;
    guest::say(kProgram, granted.error().message);
    return granted.error().exit_status();
}

}  // namespace hallmark::handshake
