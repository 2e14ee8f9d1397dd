// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/program.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "agent/confinement/daemons.hpp"
#include "agent/confinement/privileges.hpp"
#include "agent/daemon/arguments.hpp"
#include "agent/daemon/say.hpp"
#include "agent/daemon/stop.hpp"
#include "agent/data-hub/agent_tokens.hpp"
#include "agent/data-hub/broker_source.hpp"
#include "agent/data-hub/config.hpp"
#include "agent/data-hub/image_limits.hpp"
#include "agent/data-hub/offline_files.hpp"
#include "agent/data-hub/privileged.hpp"
#include "agent/data-hub/service.hpp"
#include "agent/data-hub/start.hpp"
#include "agent/kernel_file.hpp"
#include "agent/ttrpc/server.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace hallmark::hub {
namespace {

constexpr const char* kProgram = "confidential-data-hub";
constexpr std::size_t kLargestConfig = 1024 * 1024;
/// Pulls hold theirs until they end, and the keys that they ask for need others.
constexpr std::size_t kWorkers = 2 * kPullsHeld;
constexpr std::chrono::milliseconds kStart{60'000};  // for all credentials

constexpr const char* kHelp =
    "confidential-data-hub: secrets and keys for whoever asks inside the guest\n"
    "\n"
    "Usage: confidential-data-hub [-c FILE]\n"
    "\n"
    "  -c FILE     configuration, TOML or JSON (default /etc/confidential-data-hub.conf where that is there,\n"
    "              else $AA_KBC_PARAMS or agent.aa_kbc_params of the kernel command line)\n"
    "  --version   prints the version\n"
    "  --help      prints this\n"
    "\n"
    "Example: confidential-data-hub -c /run/confidential-containers/initdata/cdh.toml\n";

std::optional<std::string> variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

bool warns(const Config& config) { return config.log_level != "off" && config.log_level != "error"; }

Result<Config> read_config(const std::optional<std::string>& given, const Places& places) {
    std::error_code ignored;
    const bool from_file = given || std::filesystem::exists(places.config, ignored);
    Config config;
    if (from_file) {
        const std::string path = given.value_or(places.config.string());
        HALLMARK_TRY(const Bytes text, read_file(path, kLargestConfig));
        HALLMARK_TRY(config, parse_config(text_of(text), path));
    }
    HALLMARK_TRY(std::string command_line, guest::read_kernel_line(places.command_line.string()));
    HALLMARK_CHECK(apply_surroundings(config, from_file, {variable, std::move(command_line)}));
    if (warns(config))
        for (const auto& key : config.unknown_keys) guest::say(kProgram, "warning: " + key + ": unknown key, ignored");
    return config;
}

Result<std::unique_ptr<ResourceSource>> source_of(const Config& config, const Places& places) {
    if (config.kbc.name == "offline_fs_kbc") {
        HALLMARK_TRY(auto secrets, OfflineFiles::read(places.offline_files));
        return std::unique_ptr<ResourceSource>(std::make_unique<OfflineFiles>(std::move(secrets)));
    }
    HALLMARK_TRY(std::string agent, ttrpc::socket_path(config.aa_socket));
    // An address with http:// is the owner's choice: it is in measured configuration, and secrets are encrypted anyway.
    kbs::GuestAccess access{.url = config.kbc.url,
                            .certificate = {},
                            .trusted = http::Authorities(config.kbc.certificate),
                            .insecure_http = true};
    auto tokens = std::make_unique<AgentTokens>(ttrpc::Client(std::move(agent)));
    return std::unique_ptr<ResourceSource>(std::make_unique<BrokerSource>(std::move(access), std::move(tokens)));
}

Status serve(const std::optional<std::string>& given, const Places& places) {
    HALLMARK_TRY(const Config config, read_config(given, places));
    HALLMARK_TRY(std::string socket, ttrpc::socket_path(config.socket));
    const std::string privileged = socket.substr(0, socket.rfind('/')) + "/cdh-privileged.sock";
    HALLMARK_CHECK(
        start_privileged({.socket = privileged, .config = given, .hub = config.socket, .agent = config.aa_socket}));
    HALLMARK_CHECK(confinement::give_up_privileges());
    HALLMARK_TRY(const guest::StopSignal stop, guest::StopSignal::open());
    HALLMARK_TRY(SecretFolder folder, SecretFolder::open(places.folder));
    HALLMARK_TRY(SecretFolder credentials, SecretFolder::open(places.folder));
    HALLMARK_TRY(auto source, source_of(config, places));
    const DataHub hub(std::move(source), std::move(folder), config.skip_sealed_secret_verification);
    HALLMARK_CHECK(confinement::confine_data_hub_at_start());
    HALLMARK_CHECK(write_credentials(config.credentials, hub, credentials, in(kStart)));
    if (!variable("OCICRYPT_KEYPROVIDER_CONFIG")) HALLMARK_CHECK(write_ocicrypt_config(config.socket, credentials));
    if (warns(config) && config.skip_sealed_secret_verification)
        guest::say(kProgram, "warning: signatures of sealed secrets are not checked, as configured");
    HALLMARK_TRY(ttrpc::Server server,
                 ttrpc::Server::listen(socket, methods_of(hub, privileged), {}, {.workers = kWorkers}));
    HALLMARK_CHECK(confinement::confine_data_hub());
    return server.run(stop.fd());
}

}  // namespace

int run_data_hub(std::span<const char* const> words, const Places& places) {
    guest::Arguments arguments(kProgram, kHelp, {{"-c", "FILE"}});
    if (const auto status = arguments.parse(words)) return *status;
    const auto done = serve(arguments.value("-c"), places);
    if (done) return 0;
    guest::say(kProgram, done.error().message);
    return done.error().exit_status();
}

}  // namespace hallmark::hub
