// SPDX-License-Identifier: Apache-2.0
// Unix sockets as the guest's daemons use them: named by a path, for few users.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::ttrpc {

/// The users besides root that may be at the other end.
using Users = std::vector<uid_t>;

/// "/run/x.sock" of "unix:///run/x.sock", the only kind of address there is.
Result<std::string> socket_path(std::string_view address);

/// Listens on a path, for the owner alone (mode 0600, or as given). The file appears when connections are taken, in the
/// place of one that nobody serves any more; a socket that is served, and any other file, is an error.
Result<FileDescriptor> listen_on(const std::string& path, mode_t mode = 0600);

/// Whether root or one of `users` is at the other end; an error says who is.
Status check_peer(int socket, const Users& users);

/// The next connection; nothing where none waits any more.
std::optional<FileDescriptor> accept_from(int listener);

/// Connects and checks whose the server is.
Result<FileDescriptor> connect_to(const std::string& path, const Users& users, Deadline deadline);

}  // namespace hallmark::ttrpc
