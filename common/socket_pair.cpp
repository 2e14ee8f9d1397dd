// SPDX-License-Identifier: Apache-2.0
#include "common/socket_pair.hpp"

#include <sys/socket.h>

namespace hallmark {

Result<SocketPair> SocketPair::make() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return std::unexpected(system_error("socket pair"));
    return SocketPair{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::string SocketPair::chardev(std::string_view name) const {
    return "socket,id=" + std::string(name) + ",fd=" + std::to_string(theirs.get());
}

}  // namespace hallmark
