// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/resolve.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace hallmark::unpack {

FileDescriptor resolve(int root, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    const char* name = path.empty() ? "." : path.c_str();
    for (;;) {
        const long fd = ::syscall(SYS_openat2, root, name, &how, sizeof how);
        // The kernel can't tell, because something was renamed somewhere meanwhile.
        if (fd >= 0 || errno != EAGAIN) return FileDescriptor(static_cast<int>(fd));
    }
}

}  // namespace hallmark::unpack
