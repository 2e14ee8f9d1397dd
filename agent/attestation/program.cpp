// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/program.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "agent/attestation/agent.hpp"
#include "agent/attestation/bound_init_data.hpp"
#include "agent/attestation/config.hpp"
#include "agent/attestation/options.hpp"
#include "agent/attestation/service.hpp"
#include "agent/attestation/setup.hpp"
#include "agent/confinement/daemons.hpp"
#include "agent/confinement/privileges.hpp"
#include "agent/daemon/say.hpp"
#include "agent/daemon/stop.hpp"
#include "agent/events/logged_events.hpp"
#include "agent/events/registers.hpp"
#include "agent/evidence/platform.hpp"
#include "agent/evidence/sample.hpp"
#include "agent/ttrpc/server.hpp"

namespace hallmark::attestation {
namespace {

using guest::Roots;

void say(std::string_view line) { guest::say("attestation-agent", line); }

/// What this guest is attested with, and what it logs meanwhile.
struct Attested {
    std::unique_ptr<guest::EvidenceSource> evidence;
    std::unique_ptr<guest::RuntimeEvents> events;  // gone before the evidence, whose registers it extends
};

/// The kernel's own files of the registers where it has them: they need no quote to be read.
Result<std::unique_ptr<events::Registers>> registers_of(guest::PlatformEvidence& platform, const Roots& roots) {
    HALLMARK_TRY(auto registers,
                 events::SysfsRegisters::find(roots.sys + "/devices/virtual/misc/tdx_guest/measurements"));
    return registers ? std::move(registers) : platform.registers();
}

Result<Attested> with_events(const Config& config, const Roots& roots,
                             std::unique_ptr<guest::PlatformEvidence> platform) {
    if (!config.enable_eventlog)
        return Attested{std::move(platform), std::make_unique<guest::NoRuntimeEvents>(guest::Extended::kNotEnabled)};
    HALLMARK_TRY(auto registers, registers_of(*platform, roots));
    HALLMARK_TRY(auto events,
                 events::LoggedEvents::open(
                     {.folder = event_folder(roots), .pcr = config.init_pcr, .bind_report_data = config.bind_eventlog},
                     std::move(registers)));
    platform->log(*events);
    return Attested{std::move(platform), std::move(events)};
}

Result<Attested> attested_by(const Config& config, const Roots& roots) {
    HALLMARK_TRY(auto platform, find_platform(config, roots));
    if (platform) return with_events(config, roots, std::move(platform));
    const auto no_events = config.enable_eventlog ? guest::Extended::kNotSupported : guest::Extended::kNotEnabled;
    return Attested{std::make_unique<guest::SampleEvidence>(), std::make_unique<guest::NoRuntimeEvents>(no_events)};
}

Result<std::optional<InitData>> init_data_of(const Options& options) {
    if (!options.init_data.empty()) return read_init_data(options.init_data);
    if (!options.init_data_digest.empty()) return parse_init_data_digest(options.init_data_digest);
    return std::nullopt;
}

Status make_folder_of(const std::string& socket) {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(socket).parent_path(), failed);
    if (failed) return refused(socket + ": its folder can't be made: " + failed.message());
    return {};
}

Status serve(const Options& options, const Roots& roots) {
    HALLMARK_CHECK(confinement::give_up_privileges());
    HALLMARK_TRY(const guest::StopSignal stop, guest::StopSignal::open());
    HALLMARK_TRY(const Config config, read_config(options.config, roots));
    if (config.log_level >= LogLevel::kWarn)
        for (const auto& key : config.unknown_keys) say("warning: " + key + ": unknown key, ignored");
    HALLMARK_TRY(const Attested attested, attested_by(config, roots));
    const auto& evidence = attested.evidence;
    HALLMARK_TRY(auto init_data, init_data_of(options));
    std::optional<std::string> document;
    if (init_data) {
        HALLMARK_CHECK(evidence->check_init_data(init_data->digest));
        document = std::move(init_data->document);
    }
    AttestationAgent agent(config, *evidence, *attested.events, document);
    HALLMARK_CHECK(make_folder_of(options.socket));
    HALLMARK_TRY(auto server, ttrpc::Server::listen(options.socket, methods_of(agent)));
    HALLMARK_CHECK(confinement::confine_attestation_agent());
    if (config.log_level >= LogLevel::kInfo)
        say("evidence from " + evidence->name() + " as " + agent.tee_type() + ", key broker " +
            (config.kbs_url.empty() ? "none" : config.kbs_url));
    HALLMARK_CHECK(server.run(stop.fd()));
    // As long as this one listens no other has put its own there.
    if (::unlink(options.socket.c_str()) != 0 && errno != ENOENT)
        return std::unexpected(system_error("socket " + options.socket, Fault::kNo));
    return {};
}

}  // namespace

int run_attestation_agent(std::span<const char* const> words, const Roots& roots) {
    auto arguments = accepted_arguments();
    if (const auto status = arguments.parse(words)) return *status;
    const auto options = options_of(arguments);
    const Status served = options ? serve(*options, roots) : Status(std::unexpected(options.error()));
    if (served) return 0;
    say(served.error().message);
    return served.error().exit_status();
}

}  // namespace hallmark::attestation
