// SPDX-License-Identifier: Apache-2.0
#include "agent/confinement/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>

#include "common/descriptor.hpp"

namespace hallmark::confinement {
namespace {

constexpr nlink_t kLinksOfOneThread = 3;  // ".", ".." and the thread's own folder

std::unexpected<Error> failed(const char* what) { return std::unexpected(system_error(what, Fault::kNo)); }

Status check_one_thread() {
    struct stat tasks{};
    if (::stat("/proc/self/task", &tasks) != 0) return failed("/proc/self/task");
    if (tasks.st_nlink == kLinksOfOneThread) return {};
    return refused("confinement: " + std::to_string(tasks.st_nlink - 2) + " threads, expected one");
}

/// Nothing that is executed gets any back. Who has no CAP_SETPCAP can't narrow this set, and can gain nothing by it
/// either: no new privileges.
Status narrow_bounding_set(std::span<const int> kept) {
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
        if (std::ranges::find(kept, capability) == kept.end() && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 &&
            errno != EPERM)
            return failed("PR_CAPBSET_DROP");
    return {};
}

/// Two words of each set; the ambient set goes with the permitted one. What is kept is what there was of it.
/// Source: capset(2), version 3; capabilities(7).
Status drop_capabilities(std::span<const int> kept) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) return failed("capget");
    std::array<std::uint32_t, _LINUX_CAPABILITY_U32S_3> wanted{};
    for (const int capability : kept) wanted[CAP_TO_INDEX(capability)] |= CAP_TO_MASK(capability);
    for (std::size_t i = 0; i < sets.size(); ++i) {
        sets[i].permitted &= wanted[i];
        sets[i].effective = sets[i].permitted;
        sets[i].inheritable = 0;
    }
    if (::syscall(SYS_capset, &header, sets.data()) != 0) return failed("capset");
    return {};
}

}  // namespace

Status keep_memory_private() {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0) return failed("RLIMIT_CORE");
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("PR_SET_DUMPABLE");
    return {};
}

Status give_up_privileges() { return give_up_privileges_but({}); }

Status give_up_privileges_but(std::span<const int> kept) {
    HALLMARK_CHECK(check_one_thread());
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("PR_SET_NO_NEW_PRIVS");
    HALLMARK_CHECK(narrow_bounding_set(kept));
    HALLMARK_CHECK(drop_capabilities(kept));
    return keep_memory_private();  // last: from then on the process's own files of /proc are root's
}

}  // namespace hallmark::confinement
