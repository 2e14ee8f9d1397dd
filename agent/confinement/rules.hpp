// SPDX-License-Identifier: Apache-2.0
// What filters are put together from: system calls that belong together.
#pragma once

#include <asm/ioctls.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cstdint>

#include "agent/confinement/filter.hpp"

namespace hallmark::confinement {

inline constexpr std::uint32_t kWhole = 0xffff'ffff;
/// Any of these can change a file; O_TMPFILE without O_DIRECTORY, which it comes with.
inline constexpr std::uint32_t kToWrite = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

/// Memory that is never code, threads but no processes, time, and what is open.
inline constexpr std::array kBase = {
    Rule{SYS_brk},
    Rule{SYS_madvise},
    Rule{.call = SYS_mmap, .argument = 2, .mask = PROT_EXEC, .value = 0},
    Rule{SYS_mmap, Answer::kRefuse},
    Rule{.call = SYS_mprotect, .argument = 2, .mask = PROT_EXEC, .value = 0},
    Rule{SYS_mprotect, Answer::kRefuse},
    Rule{SYS_mremap},
    Rule{SYS_munmap},

    Rule{.call = SYS_clone, .mask = CLONE_THREAD, .value = CLONE_THREAD},
    Rule{SYS_clone3, Answer::kUnknown},  // its flags are where no filter sees them
    Rule{SYS_exit},
    Rule{SYS_exit_group},
    Rule{SYS_futex},
    Rule{SYS_getpid},
    Rule{SYS_gettid},
    Rule{SYS_rseq},
    Rule{SYS_sched_getaffinity},
    Rule{SYS_sched_yield},
    Rule{SYS_set_robust_list},

    Rule{SYS_restart_syscall},
    Rule{SYS_rt_sigaction},
    Rule{SYS_rt_sigprocmask},
    Rule{SYS_rt_sigreturn},

    Rule{SYS_clock_getres},
    Rule{SYS_clock_gettime},
    Rule{SYS_clock_nanosleep},
    Rule{SYS_getrandom},
    Rule{SYS_gettimeofday},
    Rule{SYS_sysinfo},
    Rule{SYS_time},

    Rule{SYS_close},
    Rule{.call = SYS_fcntl, .argument = 1, .mask = kWhole, .value = F_GETFD},
    Rule{.call = SYS_fcntl, .argument = 1, .mask = kWhole, .value = F_SETFD},
    Rule{.call = SYS_fcntl, .argument = 1, .mask = kWhole, .value = F_GETFL},
    Rule{.call = SYS_fcntl, .argument = 1, .mask = kWhole, .value = F_SETFL},
    Rule{SYS_eventfd2},
    Rule{SYS_poll},
    Rule{SYS_ppoll},
    Rule{SYS_read},
    Rule{SYS_readv},
    Rule{SYS_write},
    Rule{SYS_writev},
};

/// Connections that others make, and own ones to the sockets of daemons.
inline constexpr std::array kSockets = {
    Rule{SYS_accept4},    Rule{SYS_connect},
    Rule{SYS_getsockopt}, Rule{SYS_recvfrom},
    Rule{SYS_recvmsg},    Rule{SYS_sendmsg},
    Rule{SYS_sendto},     Rule{SYS_setsockopt},
    Rule{SYS_shutdown},   Rule{.call = SYS_socket, .mask = kWhole, .value = AF_UNIX},
};

/// Connections to key brokers: libcurl, and the resolver of the C library.
inline constexpr std::array kNetwork = {
    Rule{.call = SYS_socket, .mask = kWhole, .value = AF_INET},
    Rule{.call = SYS_socket, .mask = kWhole, .value = AF_INET6},
    Rule{SYS_getpeername},
    Rule{SYS_getsockname},
    Rule{.call = SYS_ioctl, .argument = 1, .mask = kWhole, .value = FIONBIO},
    Rule{.call = SYS_ioctl, .argument = 1, .mask = kWhole, .value = FIONREAD},
    Rule{SYS_pipe2},
    Rule{SYS_sendmmsg},
    Rule{SYS_socketpair},
    Rule{SYS_uname},
};

inline constexpr std::array kReadFiles = {
    Rule{SYS_access},     Rule{SYS_faccessat},
    Rule{SYS_faccessat2}, Rule{SYS_fstat},
    Rule{SYS_getdents64}, Rule{SYS_lseek},
    Rule{SYS_newfstatat}, Rule{.call = SYS_openat, .argument = 2, .mask = kToWrite, .value = O_RDONLY},
    Rule{SYS_pread64},    Rule{SYS_readlink},
};

inline constexpr std::array kWriteFiles = {
    Rule{SYS_fchmod}, Rule{SYS_fsync},    Rule{SYS_ftruncate}, Rule{SYS_mkdir},  Rule{SYS_mkdirat},  Rule{SYS_openat},
    Rule{SYS_rename}, Rule{SYS_renameat}, Rule{SYS_rmdir},     Rule{SYS_unlink}, Rule{SYS_unlinkat},
};

/// Behind all others: what the C library asks for in passing. It shrinks a heap and asks for addresses without these
/// too.
inline constexpr std::array kInPassing = {
    Rule{SYS_openat, Answer::kRefuse},
    Rule{SYS_socket, Answer::kRefuse},
};

}  // namespace hallmark::confinement
