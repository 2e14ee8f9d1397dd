// SPDX-License-Identifier: Apache-2.0
#include "agent/confinement/image_pull.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>

#include <array>

#include "agent/confinement/filter.hpp"
#include "agent/confinement/privileges.hpp"
#include "agent/confinement/rules.hpp"

namespace hallmark::confinement {
namespace {

/// Files of whoever, wherever they lie; device nodes; file capabilities; mounts, and attributes that overlayfs trusts.
constexpr std::array kCapabilities = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER,   CAP_FSETID,
                                      CAP_MKNOD, CAP_SETFCAP,      CAP_SYS_ADMIN};

/// A tree with every kind of file in it, and locks of the store.
constexpr std::array kMakeTrees = {
    Rule{SYS_chdir},     Rule{SYS_chmod},    Rule{SYS_chown},      Rule{SYS_copy_file_range}, Rule{SYS_dup},
    Rule{SYS_fallocate}, Rule{SYS_fchmodat}, Rule{SYS_fchown},     Rule{SYS_fchownat},        Rule{SYS_fdatasync},
    Rule{SYS_fgetxattr}, Rule{SYS_flock},    Rule{SYS_fsetxattr},  Rule{SYS_fstatfs},         Rule{SYS_getxattr},
    Rule{SYS_lgetxattr}, Rule{SYS_linkat},   Rule{SYS_llistxattr}, Rule{SYS_lsetxattr},       Rule{SYS_mknodat},
    Rule{SYS_openat2},   Rule{SYS_pwrite64}, Rule{SYS_pwritev},    Rule{SYS_readlinkat},      Rule{SYS_renameat2},
    Rule{SYS_setxattr},  Rule{SYS_statfs},   Rule{SYS_statx},      Rule{SYS_symlink},         Rule{SYS_symlinkat},
    Rule{SYS_syncfs},    Rule{SYS_umask},    Rule{SYS_utimensat},
};

/// Without mount(2): a new mount is a file system of this process's own making, not one that is there.
constexpr std::array kMounts = {
    Rule{SYS_fsopen}, Rule{SYS_fsconfig}, Rule{SYS_fsmount}, Rule{SYS_move_mount}, Rule{SYS_umount2},
};

}  // namespace

Status keep_what_mounts_need() { return give_up_privileges_but(kCapabilities); }

Status confine_image_pull() {
    HALLMARK_CHECK(give_up_privileges_but(kCapabilities));
    return allow_only({kBase, kSockets, kNetwork, kReadFiles, kWriteFiles, kMakeTrees, kMounts, kInPassing});
}

}  // namespace hallmark::confinement
