// SPDX-License-Identifier: Apache-2.0
#include "agent/init/init.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include "agent/daemon/step.hpp"
#include "agent/evidence/find.hpp"
#include "agent/init-data/init_data.hpp"
#include "agent/init/agents.hpp"
#include "agent/init/console.hpp"
#include "agent/init/daemons.hpp"
#include "agent/init/mounts.hpp"
#include "agent/init/power.hpp"
#include "agent/init/root_disk.hpp"
#include "agent/init/secret_checks.hpp"
#include "agent/init/serve.hpp"
#include "agent/init/signals.hpp"
#include "agent/network/network.hpp"
#include "agent/ports/discovery.hpp"
#include "agent/ports/framed_port.hpp"
#include "agent/storage/disks.hpp"

namespace hallmark::guest {
namespace {

constexpr int kNotProcessOne = 2;
constexpr std::chrono::milliseconds kPortsAppear{5000};     // after which a port that isn't there won't come
constexpr std::chrono::milliseconds kTeePortAppears{1000};  // the control port came already, with all the others

/// No word of the kernel's command line gets further than this, and no memory into a core file.
void close_doors() {
    ::clearenv();
    ::umask(022);
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::setsid();
}

/// Its containers come up while the guest is served already.
Status start_pod(Running& guest, const PodSettings& settings) {
    if (!is_installed(confidential_data_hub(nullptr)))
        return refused("init-data has a pod, but nothing in this guest could pull its images");
    const pod::Services services = {
        .pull = [](const std::string& reference,
                   const std::string& bundle) { return pull_image(kHubSocket, reference, bundle); },
        .unseal = [](const std::string& sealed) { return unseal(kHubSocket, sealed); }};
    HALLMARK_TRY(guest.pod, pod::Pod::start(settings, services));
    return {};
}

/// With a network and the data hub as soon as the attestation agent vouches for the init-data that configures them: it
/// ends where their digest is not the one in HOSTDATA or MRCONFIGID, and then so does the guest.
Status start_agents(Running& guest, const InitData* data, const Roots& roots, std::string source) {
    HALLMARK_CHECK(guest.supervisor.start(attestation_agent(data)));
    if (data != nullptr && data->settings.network) {
        auto network = Network::bring_up(*data->settings.network, roots);
        if (!network) return std::unexpected(network.error().at("network"));
        guest.network = std::move(*network);
    }
    for (auto& daemon : {confidential_data_hub(data), api_server_rest()})
        if (is_installed(daemon)) HALLMARK_CHECK(guest.supervisor.start(daemon));
    step(Station::kBooted, "the guest's daemons are up");
    HALLMARK_TRY(guest.attester, AgentAttester::open(kAgentSocket, std::move(source)));
    if (data == nullptr) return {};
    if (data->settings.pod) HALLMARK_CHECK(start_pod(guest, *data->settings.pod));
    if (data->settings.secrets.empty()) return {};
    const auto ask = [](const std::string& resource) { return ask_hub(kHubSocket, resource); };
    HALLMARK_TRY(guest.checks, SecretChecks::start(data->settings.secrets, ask));
    return {};
}

/// All that a guest is given beside its image, and what runs on it.
Status start_all(Running& guest, const Roots& roots) {
    HALLMARK_CHECK(bring_up_loopback());
    HALLMARK_TRY(const auto data, take_init_data(roots));
    say(data ? "init-data found" : "no init-data, so no network");
    HALLMARK_TRY(const bool on_disk, storage::mount_image_store(roots));
    if (on_disk) say("images go to the scratch disk, encrypted with a key of this boot");
    if (data && data->settings.pod && data->settings.pod->steps) ::setenv(kStepsWanted, "1", 1);
    HALLMARK_TRY(guest.attester, find_evidence(roots, after(kTeePortAppears)));
    if (guest.attester && is_installed(attestation_agent(nullptr))) {
        std::string source = guest.attester->name();
        guest.attester.reset();  // it is the agent's from now on: a port opens once
        return start_agents(guest, data ? &*data : nullptr, roots, std::move(source));
    }
    if (data) return refused("init-data, but nothing in this guest that could hold it against the launch");
    return {};
}

/// The whole life of the guest; returns why it ended.
Result<std::string> live() {
    const auto mounted = mount_all();
    open_console();
    HALLMARK_CHECK(mounted);
    // Before anyone is answered: every block of the root is as measured, and what runs is not read again.
    HALLMARK_TRY(const auto size, read_root_disk());
    HALLMARK_CHECK(keep_in_memory());
    say("root of " + std::to_string(size) + " bytes is as measured");
    HALLMARK_TRY(Signals signals, Signals::open());

    const Roots roots;
    const auto path = find_port(roots, guest_port::kControlPort, after(kPortsAppear));
    if (!path)
        return refused("no virtio-serial port " + std::string(guest_port::kControlPort) +
                       ", so nobody can challenge this guest; give QEMU one");
    HALLMARK_TRY(FramedPort port, FramedPort::open(*path));
    Running guest{.signals = std::move(signals), .port = std::move(port)};
    HALLMARK_CHECK(start_all(guest, roots));
    say("evidence from " + (guest.attester
                                ? guest.attester->name()
                                : "nowhere: no configfs-tsm provider, no port " + std::string(guest_port::kTeePort)));
    return serve(guest);
}

}  // namespace

int run_init() {
    if (::getpid() != 1) {
        say("init: process " + std::to_string(::getpid()) + ", expected 1: only the kernel of a guest starts this");
        return kNotProcessOne;
    }
    power_off_on_crash();
    close_doors();
    const auto ended = live();
    power_off(ended ? *ended : ended.error().message);
}

}  // namespace hallmark::guest
