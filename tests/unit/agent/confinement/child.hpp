// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

namespace hallmark::test {

/// How a child process ended in which `act` was called: "exit N", N as it returns, or "signal N". It ends by the bare
/// call: before _exit(3) the sanitizers make others.
inline std::string end_of_child(const std::function<int()>& act) {
    const pid_t child = ::fork();
    if (child == 0) ::syscall(SYS_exit_group, act());
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return "no child";
    return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                               : "exit " + std::to_string(WEXITSTATUS(status));
}

inline const std::string kKilled = "signal " + std::to_string(SIGSYS);

}  // namespace hallmark::test
