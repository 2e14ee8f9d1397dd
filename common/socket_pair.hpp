// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/file.hpp"

namespace hallmark {

/// Two connected stream sockets: ours and the one that QEMU inherits. No path that another process could open.
struct SocketPair {
    FileDescriptor ours;
    FileDescriptor theirs;

    static Result<SocketPair> make();
    /// "socket,id=NAME,fd=N", the value of a -chardev.
    [[nodiscard]] std::string chardev(std::string_view name) const;
};

}  // namespace hallmark
