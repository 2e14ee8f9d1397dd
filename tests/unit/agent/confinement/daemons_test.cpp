// SPDX-License-Identifier: Apache-2.0
// What somebody would want who has taken over a daemon. That each can do its own work is shown by the tests of the
// daemons, which run under the same rules.
#include "agent/confinement/daemons.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "agent/confinement/privileges.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/agent/confinement/child.hpp"

namespace hallmark::confinement {
namespace {

using test::end_of_child;
using test::kKilled;

const std::string kDone = "exit 0";
const std::string kRefused = "exit " + std::to_string(EACCES);

struct Daemon {
    const char* name;
    Status (*confine)();
};
constexpr Daemon kAgent{"attestation-agent", confine_attestation_agent};
constexpr Daemon kHubAtStart{"confidential-data-hub at its start", confine_data_hub_at_start};
constexpr Daemon kHub{"confidential-data-hub", confine_data_hub};
constexpr Daemon kRest{"api-server-rest", confine_api_server};

template <class... Arguments>
std::string calls(const Daemon& daemon, long number, Arguments... arguments) {
    return end_of_child([=] {
        if (!give_up_privileges() || !daemon.confine()) return 200;
        return ::syscall(number, arguments...) < 0 ? errno : 0;
    });
}

TEST(ConfinedDaemon, StartsNoProgramAndTouchesNoOtherProcess) {
    char* const nothing[] = {nullptr};
    for (const auto& daemon : {kAgent, kHubAtStart, kHub, kRest}) {
        SCOPED_TRACE(daemon.name);
        EXPECT_EQ(calls(daemon, SYS_execve, "/bin/true", nothing, nothing), kKilled);
        EXPECT_EQ(calls(daemon, SYS_fork), kKilled);
        EXPECT_EQ(calls(daemon, SYS_clone, SIGCHLD, 0, 0, 0, 0), kKilled);
        EXPECT_EQ(calls(daemon, SYS_clone3, nullptr, 0), "exit " + std::to_string(ENOSYS));
        EXPECT_EQ(calls(daemon, SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), kKilled);
        EXPECT_EQ(calls(daemon, SYS_kill, ::getpid(), 0), kKilled);
        EXPECT_EQ(calls(daemon, SYS_unshare, CLONE_NEWUSER), kKilled);
        EXPECT_EQ(calls(daemon, SYS_mount, "", "/", "", 0, nullptr), kKilled);
        EXPECT_EQ(calls(daemon, SYS_prctl, 0, 0, 0, 0, 0), kKilled);
    }
}

TEST(ConfinedDaemon, MakesNoCode) {
    for (const auto& daemon : {kAgent, kHubAtStart, kHub, kRest}) {
        SCOPED_TRACE(daemon.name);
        const auto maps = [&](int protection) {
            return calls(daemon, SYS_mmap, nullptr, 4096L, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
        };
        EXPECT_EQ(maps(PROT_READ | PROT_WRITE), kDone);
        EXPECT_EQ(maps(PROT_READ | PROT_EXEC), kRefused);
        EXPECT_EQ(calls(daemon, SYS_mprotect, nullptr, 0L, PROT_READ), kDone);
        EXPECT_EQ(calls(daemon, SYS_mprotect, nullptr, 0L, PROT_WRITE | PROT_EXEC), kRefused);
    }
}

TEST(ConfinedDaemon, OpensTheFilesThatAreForIt) {
    const test::TemporaryFolder folder;
    const std::string file = folder.path() / "file";
    const auto opens = [&](const Daemon& daemon, int flags) {
        return calls(daemon, SYS_openat, AT_FDCWD, file.c_str(), flags, 0600);
    };
    EXPECT_EQ(opens(kAgent, O_CREAT | O_WRONLY), kDone);
    EXPECT_EQ(opens(kAgent, O_RDWR), kDone);
    EXPECT_EQ(opens(kHubAtStart, O_RDWR), kDone);
    EXPECT_EQ(opens(kHub, O_RDONLY | O_CLOEXEC), kDone);
    for (const int flags : {O_WRONLY, O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC})
        EXPECT_EQ(opens(kHub, flags), kRefused);
    EXPECT_EQ(calls(kHub, SYS_openat, AT_FDCWD, folder.path().c_str(), O_TMPFILE | O_RDWR, 0600), kRefused);
    EXPECT_EQ(calls(kHub, SYS_unlink, file.c_str()), kKilled);
    EXPECT_EQ(calls(kHub, SYS_openat2, AT_FDCWD, file.c_str(), nullptr, 0L), kKilled);
    EXPECT_EQ(opens(kRest, O_RDONLY), kRefused);
    EXPECT_EQ(calls(kRest, SYS_unlink, file.c_str()), kKilled);
}

TEST(ConfinedDaemon, SpeaksOverTheSocketsThatAreForIt) {
    const auto opens = [](const Daemon& daemon, int family) {
        return calls(daemon, SYS_socket, family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    };
    for (const auto& daemon : {kAgent, kHubAtStart, kHub}) {
        SCOPED_TRACE(daemon.name);
        EXPECT_EQ(opens(daemon, AF_UNIX), kDone);
        EXPECT_EQ(opens(daemon, AF_INET), kDone);
        EXPECT_EQ(opens(daemon, AF_INET6), kDone);
        EXPECT_EQ(opens(daemon, AF_NETLINK), kRefused);
        EXPECT_EQ(opens(daemon, AF_VSOCK), kRefused);
    }
    EXPECT_EQ(opens(kRest, AF_UNIX), kDone);
    EXPECT_EQ(opens(kRest, AF_INET), kRefused);
    for (const auto& daemon : {kAgent, kHub, kRest}) EXPECT_EQ(calls(daemon, SYS_bind, -1, nullptr, 0), kKilled);
}

TEST(ConfinedDaemon, GetsFewerCallsOnceItIsReady) {
    EXPECT_EQ(end_of_child([] {
                  if (!give_up_privileges() || !confine_data_hub_at_start() || !confine_data_hub()) return 200;
                  return ::syscall(SYS_mkdir, "/nowhere/at/all", 0700) == 0 ? 1 : 0;
              }),
              kKilled);
}

}  // namespace
}  // namespace hallmark::confinement
