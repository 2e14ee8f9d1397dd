// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/seccomp.hpp"

#include <linux/personality.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hallmark::pod {
namespace {

constexpr std::string_view kForAll =
    "accept accept4 access adjtimex alarm arch_prctl bind brk cachestat capget capset chdir chmod chown "
    "clock_adjtime clock_getres clock_gettime clock_nanosleep close close_range connect copy_file_range creat "
    "dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 "
    "execve execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fanotify_mark fchdir fchmod "
    "fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr "
    "fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake futimesat "
    "get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups "
    "getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit "
    "getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr getxattrat inotify_add_watch "
    "inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_setup "
    "io_submit ioctl ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset "
    "landlock_restrict_self lchown lgetxattr link linkat listen listxattr listxattrat llistxattr lremovexattr "
    "lseek lsetxattr lstat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir "
    "mkdirat mknod mknodat mlock mlock2 mlockall mmap modify_ldt mprotect mq_getsetattr mq_notify mq_open "
    "mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall "
    "munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal "
    "pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv preadv2 prlimit64 "
    "process_mrelease process_vm_readv process_vm_writev pselect6 ptrace pwrite64 pwritev pwritev2 read "
    "readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr removexattrat "
    "rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask "
    "rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max "
    "sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler "
    "sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield "
    "seccomp select semctl semget semop semtimedop sendfile sendmmsg sendmsg sendto set_robust_list "
    "set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority "
    "setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr setxattrat shmat "
    "shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx symlink "
    "symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun "
    "timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask "
    "uname unlink unlinkat utime utimensat utimes vfork vmsplice wait4 waitid write writev";

/// What goes with a capability.
struct Privilege {
    std::string_view capability;
    std::string_view calls;
};
constexpr std::array kPrivileges = {
    Privilege{"CAP_BPF", "bpf"},
    Privilege{"CAP_DAC_READ_SEARCH", "open_by_handle_at"},
    Privilege{"CAP_PERFMON", "perf_event_open"},
    Privilege{"CAP_SYSLOG", "syslog"},
    Privilege{"CAP_SYS_ADMIN",
              "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree "
              "perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount2 unshare"},
    Privilege{"CAP_SYS_BOOT", "reboot"},
    Privilege{"CAP_SYS_CHROOT", "chroot"},
    Privilege{"CAP_SYS_MODULE", "delete_module finit_module init_module"},
    Privilege{"CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"},
    Privilege{"CAP_SYS_PACCT", "acct"},
    Privilege{"CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise"},
    Privilege{"CAP_SYS_RAWIO", "ioperm iopl"},
    Privilege{"CAP_SYS_TIME", "clock_settime settimeofday"},
    Privilege{"CAP_SYS_TTY_CONFIG", "vhangup"},
};

constexpr std::uint64_t kNewNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
static_assert(kNewNamespaces == 0x7e02'0000);

/// Execution domains that differ from the usual one in nothing that could be misused; the last one asks which it is.
constexpr std::array<std::uint64_t, 5> kPersonalities = {PER_LINUX, PER_LINUX32, UNAME26,
                                                         std::uint64_t{PER_LINUX32} | UNAME26, 0xffff'ffff};

/// Of socket(2): not AF_VSOCK, whose other side is the host, nor AF_ALG. The kernel looks at the lower half only.
constexpr std::array<std::uint64_t, 5> kFamilies = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
constexpr std::uint64_t kWholeInt = 0xffff'ffff;

Json names_of(std::string_view calls) {
    Json names = Json::array();
    while (!calls.empty()) {
        const auto end = std::min(calls.find(' '), calls.size());
        names.push_back(calls.substr(0, end));
        calls.remove_prefix(std::min(end + 1, calls.size()));
    }
    return names;
}

Json allow(std::string_view calls) { return {{"names", names_of(calls)}, {"action", "SCMP_ACT_ALLOW"}}; }

Json allow_where(std::string_view call, std::string_view comparison, std::uint64_t value, std::uint64_t other = 0) {
    Json rule = allow(call);
    rule["args"] = Json::array({{{"index", 0}, {"value", value}, {"valueTwo", other}, {"op", comparison}}});
    return rule;
}

}  // namespace

Json seccomp_profile(std::span<const std::string> capabilities) {
    const auto has = [&](std::string_view name) { return std::ranges::find(capabilities, name) != capabilities.end(); };
    Json calls = Json::array({allow(kForAll)});
    for (const auto family : kFamilies) calls.push_back(allow_where("socket", "SCMP_CMP_MASKED_EQ", kWholeInt, family));
    for (const auto personality : kPersonalities)
        calls.push_back(allow_where("personality", "SCMP_CMP_EQ", personality));
    for (const auto& [capability, names] : kPrivileges)
        if (has(capability)) calls.push_back(allow(names));
    if (!has("CAP_SYS_ADMIN")) {
        calls.push_back(allow_where("clone", "SCMP_CMP_MASKED_EQ", kNewNamespaces));
        calls.push_back({{"names", Json::array({"clone3"})}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", ENOSYS}});
    }
    return {{"defaultAction", "SCMP_ACT_ERRNO"},
            {"defaultErrnoRet", EPERM},
            {"architectures", Json::array({"SCMP_ARCH_X86_64"})},
            {"syscalls", std::move(calls)}};
}

}  // namespace hallmark::pod
