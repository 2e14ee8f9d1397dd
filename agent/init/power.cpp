// SPDX-License-Identifier: Apache-2.0
#include "agent/init/power.hpp"

#include <poll.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>

#include "agent/init/console.hpp"
#include "agent/ports/deadline.hpp"

namespace hallmark::guest {
namespace {

constexpr std::chrono::milliseconds kGrace{2000};
constexpr int kLookAgainMs = 10;
constexpr int kFailed = 1;

/// If the kernel can't turn the machine off, the end of process 1 makes it panic, which ends the guest too.
[[noreturn]] void turn_off() {
    if (::getpid() == 1) ::reboot(RB_POWER_OFF);
    ::_exit(kFailed);
}

// Only calls that are safe in a signal handler, and nothing that reads another page of the root than it must. A second
// fault in here is not caught: the kernel ends process 1 and panics.
void crashed(int signal) {
    constexpr std::string_view kCorrupt = "hallmark-guest: bus error: the root file system is damaged; power off\n";
    constexpr std::string_view kBroken = "hallmark-guest: crashed; power off\n";
    const auto line = signal == SIGBUS ? kCorrupt : kBroken;
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    turn_off();
}

/// True once no child is left.
bool no_children_by(Deadline deadline) {
    for (;;) {
        const pid_t child = ::waitpid(-1, nullptr, WNOHANG);
        if (child > 0) continue;
        if (child < 0) return true;
        if (remaining_ms(deadline) == 0) return false;
        ::poll(nullptr, 0, kLookAgainMs);
    }
}

}  // namespace

void power_off_on_crash() {
    static std::array<std::uint8_t, 16 * 1024> stack;  // a crash may be the end of the usual one
    stack_t alternative{};
    alternative.ss_sp = stack.data();
    alternative.ss_size = stack.size();
    ::sigaltstack(&alternative, nullptr);
    struct sigaction action{};
    action.sa_handler = crashed;
    action.sa_flags = SA_ONSTACK;
    ::sigfillset(&action.sa_mask);
    for (const int signal : {SIGBUS, SIGSEGV, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP})
        ::sigaction(signal, &action, nullptr);
}

void power_off(std::string_view reason) {
    say(std::string(reason) + "; power off");
    if (::getpid() == 1) {
        ::kill(-1, SIGTERM);
        if (!no_children_by(after(kGrace))) ::kill(-1, SIGKILL);
    }
    ::sync();
    turn_off();
}

}  // namespace hallmark::guest
