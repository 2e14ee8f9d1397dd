// SPDX-License-Identifier: Apache-2.0
// What somebody would want who has taken over the mount of a disk, or what it starts. That it can do its own work is
// shown on a kernel with device mapper: tests/boot/test_storage.py.
#include "agent/confinement/secure_mount.hpp"

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>

#include "agent/confinement/image_pull.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/agent/confinement/child.hpp"

namespace hallmark::confinement {
namespace {

using test::end_of_child;

const std::string kDone = "exit 0";
const std::string kRefused = "exit " + std::to_string(EACCES);
const std::string kUnknown = "exit " + std::to_string(ENOSYS);

bool confined() { return keep_what_mounts_need() && confine_secure_mount(); }

template <class... Arguments>
std::string calls(long number, Arguments... arguments) {
    return end_of_child([=] {
        if (!confined()) return 200;
        const long result = ::syscall(number, arguments...);
        // Of clone(2) there may be another now.
        if (result == 0 && number == SYS_clone) ::syscall(SYS_exit_group, 0);
        return result < 0 ? errno : 0;
    });
}

TEST(ConfinedSecureMount, LooksIntoNoOtherProcessAndMakesNoNamespace) {
    EXPECT_EQ(calls(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), kRefused);
    EXPECT_EQ(calls(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0), kRefused);
    EXPECT_EQ(calls(SYS_unshare, 0), kRefused);
    EXPECT_EQ(calls(SYS_setns, -1, 0), kRefused);
    EXPECT_EQ(calls(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), kRefused);
    EXPECT_EQ(calls(SYS_clone3, nullptr, 0), kUnknown);
    EXPECT_EQ(calls(SYS_clone, SIGCHLD, 0, 0, 0, 0), kDone);
}

TEST(ConfinedSecureMount, LeavesTheKernelAlone) {
    bpf_attr program{};
    EXPECT_EQ(calls(SYS_bpf, BPF_PROG_GET_NEXT_ID, &program, sizeof program), kRefused);
    perf_event_attr counter{};
    counter.size = sizeof counter;
    EXPECT_EQ(calls(SYS_perf_event_open, &counter, 0, -1, -1, 0), kRefused);
    EXPECT_EQ(calls(SYS_init_module, "", 0, ""), kRefused);
    EXPECT_EQ(calls(SYS_kexec_load, 0, 0, nullptr, 0), kRefused);
    EXPECT_EQ(calls(SYS_syslog, 10, nullptr, 0), kRefused);
    EXPECT_EQ(calls(SYS_keyctl, 0, 0, 0), kUnknown);
    EXPECT_EQ(calls(SYS_io_uring_setup, 1, nullptr), kUnknown);
    EXPECT_EQ(calls(0x4000'0000 + SYS_bpf), test::kKilled) << "by its number of the x32 ABI";
}

TEST(ConfinedSecureMount, ChangesNoMountThatIsThere) {
    const test::TemporaryFolder folder;
    const std::string place = folder.path().string();
    for (const long flags : {long{MS_BIND}, long{MS_MOVE}, long{MS_REMOUNT}, long{MS_PRIVATE | MS_REC}})
        EXPECT_EQ(calls(SYS_mount, place.c_str(), place.c_str(), "", flags, nullptr), kRefused) << flags;
    EXPECT_EQ(calls(SYS_umount2, place.c_str(), MNT_DETACH), kRefused);
    EXPECT_EQ(calls(SYS_open_tree, -1, place.c_str(), 0), kRefused);
    EXPECT_EQ(calls(SYS_chroot, place.c_str()), kRefused);
    // A new one is the kernel's to refuse.
    const std::string none = "exit " + std::to_string(::geteuid() == 0 ? ENODEV : EPERM);
    EXPECT_EQ(calls(SYS_mount, "none", place.c_str(), "no-such-file-system", long{MS_NODEV | MS_NOSUID}, ""), none);
}

TEST(ConfinedSecureMount, HasNoNetworkButTheSocketsOfDaemons) {
    for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK})
        EXPECT_EQ(calls(SYS_socket, family, SOCK_DGRAM, 0), kRefused) << family;
    EXPECT_EQ(calls(SYS_socket, AF_UNIX, SOCK_STREAM, 0), kDone);
}

TEST(ConfinedSecureMount, WhatItStartsIsUnderTheSameRulesAndCanMakeAFileSystem) {
    const test::TemporaryFolder folder;
    const std::string disk = folder.path() / "disk";
    const auto runs = [&](const std::string& command) {
        return end_of_child([&] {
            if (!confined()) return 200;
            ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            return 201;
        });
    };
    EXPECT_NE(runs("exec unshare --mount true 2>" + disk), kDone);
    if (::access("/usr/sbin/mke2fs", X_OK) != 0 && ::access("/sbin/mke2fs", X_OK) != 0) GTEST_SKIP() << "no mke2fs";
    EXPECT_EQ(runs("truncate -s 64M " + disk + " && PATH=/usr/sbin:/sbin exec mke2fs -q -F -t ext4 " + disk), kDone);
}

}  // namespace
}  // namespace hallmark::confinement
