// SPDX-License-Identifier: Apache-2.0
// In child processes: nothing of it can be undone.
#include "agent/confinement/privileges.hpp"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "agent/kernel_file.hpp"
#include "tests/unit/agent/confinement/child.hpp"

namespace hallmark::confinement {
namespace {

using test::end_of_child;

/// The field of /proc/self/status, by the kernel and none of our own calls.
std::string status(const std::string& name) {
    const auto bytes = guest::read_kernel_file("/proc/self/status", 64 * 1024);
    if (!bytes) return "";
    const std::string text(bytes->begin(), bytes->end());
    const auto begin = text.find("\n" + name + ":\t");
    if (begin == std::string::npos) return "";
    const auto value = begin + name.size() + 3;
    return text.substr(value, text.find('\n', value) - value);
}

/// Where there is any to hold: of root, or of whoever started this.
void hold_one_in_every_set() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    ::syscall(SYS_capget, &header, sets.data());
    sets[0].inheritable = sets[0].permitted;
    ::syscall(SYS_capset, &header, sets.data());
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0);
}

TEST(Privileges, RootOfTheTestsHasSome) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root";
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
        EXPECT_EQ(end_of_child([set] {
                      hold_one_in_every_set();
                      return status(set) == "0000000000000000" ? 1 : 0;
                  }),
                  "exit 0")
            << set;
}

TEST(Privileges, NoCapabilityIsLeft) {
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
        if (::geteuid() != 0 && set == std::string("CapBnd")) continue;  // who is not root can't narrow it
        EXPECT_EQ(end_of_child([set] {
                      hold_one_in_every_set();
                      if (!give_up_privileges()) return 2;
                      return status(set) == "0000000000000000" ? 0 : 1;
                  }),
                  "exit 0")
            << set;
    }
}

TEST(Privileges, NoneComesBack) {
    EXPECT_EQ(end_of_child([] { return give_up_privileges() && status("NoNewPrivs") == "1" ? 0 : 1; }), "exit 0");
    if (::geteuid() != 0) GTEST_SKIP() << "needs a root that could have some";
    EXPECT_EQ(end_of_child([] {
                  if (!give_up_privileges()) return 2;
                  ::execl("/bin/sh", "sh", "-c", "grep -q '^CapEff:.0000000000000000$' /proc/self/status", nullptr);
                  return 3;
              }),
              "exit 0");
}

TEST(Privileges, ItsMemoryIsNobodysElse) {
    EXPECT_EQ(end_of_child([] {
                  rlimit core{.rlim_cur = 1, .rlim_max = 1};
                  if (!give_up_privileges() || ::getrlimit(RLIMIT_CORE, &core) != 0) return 2;
                  if (core.rlim_cur != 0 || core.rlim_max != 0) return 3;
                  return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 1;
              }),
              "exit 0");
}

TEST(Privileges, ASecondThreadWouldKeepItsOwn) {
    EXPECT_EQ(end_of_child([] {
                  std::thread([] { ::pause(); }).detach();
                  return give_up_privileges() ? 1 : 0;
              }),
              "exit 0");
}

}  // namespace
}  // namespace hallmark::confinement
