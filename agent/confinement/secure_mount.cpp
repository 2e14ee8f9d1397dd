// SPDX-License-Identifier: Apache-2.0
#include "agent/confinement/secure_mount.hpp"

#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cstdint>

#include "agent/confinement/filter.hpp"
#include "agent/confinement/rules.hpp"

namespace hallmark::confinement {
namespace {

constexpr std::uint32_t kNewNamespaces =
    CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS;
/// Of mounts that are there already; a new one has none of these.
constexpr std::uint32_t kOldMounts = MS_BIND | MS_MOVE | MS_PRIVATE | MS_REMOUNT | MS_SHARED | MS_SLAVE | MS_UNBINDABLE;

/// Programs are started, but in no namespaces of their own, and none looks into another.
constexpr std::array kProcesses = {
    Rule{.call = SYS_clone, .mask = kNewNamespaces, .value = 0},
    Rule{SYS_clone, Answer::kRefuse},
    Rule{SYS_clone3, Answer::kUnknown},  // its flags are where no filter sees them
    Rule{SYS_kcmp, Answer::kRefuse},
    Rule{SYS_pidfd_getfd, Answer::kRefuse},
    Rule{SYS_process_madvise, Answer::kRefuse},
    Rule{SYS_process_vm_readv, Answer::kRefuse},
    Rule{SYS_process_vm_writev, Answer::kRefuse},
    Rule{SYS_ptrace, Answer::kRefuse},
    Rule{SYS_setns, Answer::kRefuse},
    Rule{SYS_unshare, Answer::kRefuse},
};

/// The kernel's own: its programs, modules and successors, its log, its counters, rings and page faults.
constexpr std::array kKernel = {
    Rule{SYS_acct, Answer::kRefuse},
    Rule{SYS_bpf, Answer::kRefuse},
    Rule{SYS_delete_module, Answer::kRefuse},
    Rule{SYS_finit_module, Answer::kRefuse},
    Rule{SYS_init_module, Answer::kRefuse},
    Rule{SYS_io_uring_enter, Answer::kUnknown},
    Rule{SYS_io_uring_register, Answer::kUnknown},
    Rule{SYS_io_uring_setup, Answer::kUnknown},
    Rule{SYS_ioperm, Answer::kRefuse},
    Rule{SYS_iopl, Answer::kRefuse},
    Rule{SYS_kexec_file_load, Answer::kRefuse},
    Rule{SYS_kexec_load, Answer::kRefuse},
    Rule{SYS_perf_event_open, Answer::kRefuse},
    Rule{SYS_reboot, Answer::kRefuse},
    Rule{SYS_syslog, Answer::kRefuse},
    Rule{SYS_userfaultfd, Answer::kRefuse},
};

/// As of a kernel without them: cryptsetup is told to use none (--disable-keyring).
constexpr std::array kKeyrings = {
    Rule{SYS_add_key, Answer::kUnknown},
    Rule{SYS_keyctl, Answer::kUnknown},
    Rule{SYS_request_key, Answer::kUnknown},
};

/// One new mount, by the old call.
constexpr std::array kMounts = {
    Rule{.call = SYS_mount, .argument = 3, .mask = kOldMounts, .value = 0},
    Rule{SYS_mount, Answer::kRefuse},
    Rule{SYS_chroot, Answer::kRefuse},
    Rule{SYS_fsconfig, Answer::kRefuse},
    Rule{SYS_fsmount, Answer::kRefuse},
    Rule{SYS_fsopen, Answer::kRefuse},
    Rule{SYS_fspick, Answer::kRefuse},
    Rule{SYS_mount_setattr, Answer::kRefuse},
    Rule{SYS_move_mount, Answer::kRefuse},
    Rule{SYS_open_by_handle_at, Answer::kRefuse},
    Rule{SYS_open_tree, Answer::kRefuse},
    Rule{SYS_pivot_root, Answer::kRefuse},
    Rule{SYS_quotactl, Answer::kRefuse},
    Rule{SYS_swapoff, Answer::kRefuse},
    Rule{SYS_swapon, Answer::kRefuse},
    Rule{SYS_umount2, Answer::kRefuse},
};

/// The key comes from the data hub; nothing comes from a network.
constexpr std::array kNoNetwork = {
    Rule{.call = SYS_socket, .mask = kWhole, .value = AF_UNIX},
    Rule{SYS_socket, Answer::kRefuse},
};

}  // namespace

Status confine_secure_mount() { return allow_but({kProcesses, kKernel, kKeyrings, kMounts, kNoNetwork}); }

}  // namespace hallmark::confinement
