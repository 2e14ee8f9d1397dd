// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/seccomp.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace hallmark::pod {
namespace {

using Names = std::set<std::string>;

/// What may be called whatever its arguments are.
Names allowed(const std::vector<std::string>& capabilities) {
    Names names;
    const Json profile = seccomp_profile(capabilities);
    for (const auto& rule : profile["syscalls"])
        if (rule["action"] == "SCMP_ACT_ALLOW" && !rule.contains("args"))
            for (const auto& name : rule["names"]) names.insert(name.get<std::string>());
    return names;
}

// "Significant syscalls blocked by the default profile" of Docker's documentation (docs.docker.com, Seccomp security
// profiles), those of x86-64 that Linux still has; without ptrace and process_vm_*, which are allowed since Linux 4.8.
TEST(Seccomp, WhatDockersTableNamesIsNotAllowed) {
    const Names names = allowed({});
    for (const char* call : {"acct",
                             "add_key",
                             "bpf",
                             "clock_settime",
                             "clone",
                             "delete_module",
                             "finit_module",
                             "get_mempolicy",
                             "init_module",
                             "ioperm",
                             "iopl",
                             "kcmp",
                             "kexec_file_load",
                             "kexec_load",
                             "keyctl",
                             "lookup_dcookie",
                             "mbind",
                             "mount",
                             "move_pages",
                             "nfsservctl",
                             "open_by_handle_at",
                             "perf_event_open",
                             "personality",
                             "pivot_root",
                             "quotactl",
                             "reboot",
                             "request_key",
                             "set_mempolicy",
                             "setns",
                             "settimeofday",
                             "swapon",
                             "swapoff",
                             "sysfs",
                             "_sysctl",
                             "umount2",
                             "unshare",
                             "uselib",
                             "userfaultfd",
                             "ustat",
                             "io_uring_setup",
                             "io_uring_enter",
                             "syslog",
                             "fsopen",
                             "fsmount",
                             "move_mount",
                             "open_tree",
                             "mount_setattr",
                             "chroot",
                             "vhangup",
                             "fanotify_init",
                             "pidfd_getfd",
                             "clone3",
                             "socket",
                             "create_module"})
        EXPECT_FALSE(names.contains(call)) << call;
}

TEST(Seccomp, WhatProgramsLiveOnIsAllowed) {
    const Names names = allowed({});
    for (const char* call : {"read",       "write",          "openat",        "execve",       "fork",
                             "vfork",      "mmap",           "futex",         "epoll_pwait2", "statx",
                             "getrandom",  "rseq",           "clock_gettime", "ptrace",       "connect",
                             "accept4",    "close_range",    "faccessat2",    "memfd_create", "landlock_create_ruleset",
                             "arch_prctl", "set_robust_list"})
        EXPECT_TRUE(names.contains(call)) << call;
}

TEST(Seccomp, ACapabilityBringsItsCalls) {
    EXPECT_TRUE(allowed({"CAP_SYS_CHROOT"}).contains("chroot"));
    EXPECT_FALSE(allowed({"CAP_SYS_CHROOT"}).contains("mount"));
    EXPECT_TRUE(allowed({"CAP_SYS_TIME"}).contains("clock_settime"));
    const Names admin = allowed({"CAP_SYS_ADMIN"});
    for (const char* call : {"mount", "clone", "clone3", "unshare", "setns"}) EXPECT_TRUE(admin.contains(call)) << call;
    EXPECT_FALSE(admin.contains("kexec_load"));
}

TEST(Seccomp, CloneMakesNoNamespaces) {
    const Json profile = seccomp_profile({});  // which must outlive the loop
    for (const auto& rule : profile["syscalls"]) {
        if (rule["names"] == Json::array({"clone"})) {
            EXPECT_EQ(rule["args"][0]["op"], "SCMP_CMP_MASKED_EQ");
            EXPECT_EQ(rule["args"][0]["value"], 0x7e020000);  // CLONE_NEW*
            EXPECT_EQ(rule["args"][0]["valueTwo"], 0);
        }
        if (rule["names"] == Json::array({"clone3"})) {
            EXPECT_EQ(rule["errnoRet"], 38);  // ENOSYS
        }
        if (rule["names"] == Json::array({"socket"})) {
            EXPECT_NE(rule["args"][0]["valueTwo"], 40);  // AF_VSOCK
            EXPECT_NE(rule["args"][0]["valueTwo"], 38);  // AF_ALG
            EXPECT_EQ(rule["args"][0]["value"], 0xffffffff);
        }
    }
}

}  // namespace
}  // namespace hallmark::pod
