// SPDX-License-Identifier: Apache-2.0
#include "agent/init/signals.hpp"

#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace hallmark::guest {

std::vector<Ended> reap_children() {
    std::vector<Ended> all;
    Ended ended;
    // One SIGCHLD may stand for many children.
    while ((ended.child = ::waitpid(-1, &ended.status, WNOHANG)) > 0) all.push_back(ended);
    return all;
}

std::optional<std::string> damage(const Ended& ended) {
    if (!WIFSIGNALED(ended.status) || WTERMSIG(ended.status) != SIGBUS) return std::nullopt;
    return "process " + std::to_string(ended.child) + " died of a bus error: the root file system is damaged";
}

Result<Signals> Signals::open() {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT}) ::sigaddset(&wanted, signal);
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    // Ctrl-Alt-Del becomes SIGINT to process 1, not a reset on the spot.
    ::reboot(RB_DISABLE_CAD);
    FileDescriptor file(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error("signalfd", Fault::kNo));
    return Signals(std::move(file));
}

std::optional<std::string> Signals::handle(std::vector<Ended>& ended) {
    std::optional<std::string> reason;
    signalfd_siginfo signal{};
    while (::read(file_.get(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
        if (signal.ssi_signo == SIGTERM) reason = "asked to stop by SIGTERM";
        if (signal.ssi_signo == SIGINT) reason = "asked to stop by Ctrl-Alt-Del";
    }
    for (const Ended& child : reap_children()) {
        if (auto damaged = damage(child)) reason = std::move(damaged);
        ended.push_back(child);
    }
    return reason;
}

}  // namespace hallmark::guest
