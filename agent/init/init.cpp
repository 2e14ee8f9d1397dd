// SPDX-License-Identifier: Apache-2.0
#include "agent/init/init.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include "agent/evidence/find.hpp"
#include "agent/init/console.hpp"
#include "agent/init/control.hpp"
#include "agent/init/mounts.hpp"
#include "agent/init/power.hpp"
#include "agent/init/root_disk.hpp"
#include "agent/init/signals.hpp"
#include "agent/ports/discovery.hpp"
#include "agent/ports/framed_port.hpp"

namespace hallmark::guest {
namespace {

constexpr int kNotProcessOne = 2;
constexpr std::chrono::milliseconds kPortsAppear{5000};     // after which a port that isn't there won't come
constexpr std::chrono::milliseconds kTeePortAppears{1000};  // the control port came already, with all the others
constexpr std::chrono::milliseconds kHostReads{10'000};
constexpr int kReconnectMs = 100;

/// No word of the kernel's command line gets further than this, and no memory into a core file.
void close_doors() {
    ::clearenv();
    ::umask(022);
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::setsid();
}

/// Sleeps until there is something to do. poll(2) wouldn't wait on a port without a host, so that is looked at anew
/// from time to time.
void wait_for_work(const Signals& signals, const FramedPort& port) {
    const bool connected = port.connected();
    pollfd files[] = {
        {.fd = signals.fd(), .events = POLLIN, .revents = 0},
        {.fd = connected ? port.fd() : -1, .events = POLLIN, .revents = 0},
    };
    ::poll(files, 2, connected ? -1 : kReconnectMs);
}

/// Answers the control port until there is a reason to power off, and returns it.
Result<std::string> serve(Signals& signals, FramedPort& port, Attester* attester) {
    bool announced = false;
    for (;;) {
        if (auto reason = signals.handle()) return std::move(*reason);
        if (!announced && port.connected()) {
            HALLMARK_CHECK(port.send(ready(attester), after(kHostReads)));
            announced = true;
        }
        guest_port::Frame message;
        HALLMARK_TRY(const bool received, port.receive(message, Clock::now()));
        if (!received) {
            wait_for_work(signals, port);
            continue;
        }
        const Reply reply = reply_to(message, attester, read_root_disk);
        if (reply.answer.type == guest_port::Type::kFailure)
            say(std::string(reply.answer.payload.begin(), reply.answer.payload.end()));
        // Some other process may have met what init read before the host changed it.
        if (reply.answer.type == guest_port::Type::kEvidence) HALLMARK_CHECK(ask_verity());
        HALLMARK_CHECK(port.send(reply.answer, after(kHostReads)));
        if (!reply.power_off) continue;
        return std::string(message.type == guest_port::Type::kScrub ? "the root failed its scrub"
                                                                    : "asked to stop on the control port");
    }
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
    HALLMARK_TRY(const auto attester, find_evidence(roots, after(kTeePortAppears)));
    say("evidence from " + (attester
                                ? attester->name()
                                : "nowhere: no configfs-tsm provider, no port " + std::string(guest_port::kTeePort)));
    return serve(signals, port, attester.get());
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
