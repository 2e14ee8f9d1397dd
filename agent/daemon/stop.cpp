// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/stop.hpp"

#include <sys/signalfd.h>

#include <csignal>

namespace hallmark::guest {

Result<StopSignal> StopSignal::open() {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    for (const int signal : {SIGTERM, SIGINT}) ::sigaddset(&wanted, signal);
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    FileDescriptor file(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error("signalfd", Fault::kNo));
    return StopSignal(std::move(file));
}

}  // namespace hallmark::guest
