// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace hallmark::ttrpc {
namespace {

constexpr int kBacklog = 128;

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path))
        return bad_input("socket '" + path + "': path of " + std::to_string(path.size()) + " bytes, expected 1 to " +
                         std::to_string(sizeof(address.sun_path) - 1));
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

Result<FileDescriptor> new_socket(int flags) {
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    if (!socket.valid()) return std::unexpected(system_error("socket"));
    return socket;
}

/// Nothing that is in use is replaced.
Status check_replaceable(const std::string& path) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0) {
        if (errno == ENOENT) return {};
        return std::unexpected(system_error("socket " + path));
    }
    if (!S_ISSOCK(found.st_mode)) return bad_input("socket " + path + ": found a file of another kind, expected none");
    HALLMARK_TRY(const FileDescriptor probe, new_socket(SOCK_NONBLOCK));
    HALLMARK_TRY(const sockaddr_un address, address_of(path));
    if (::connect(probe.get(), generic(address), sizeof(address)) == 0 || errno == EAGAIN)
        return bad_input("socket " + path + ": another process serves it; stop that one first");
    if (errno != ECONNREFUSED) return std::unexpected(system_error("socket " + path));
    return {};
}

}  // namespace

Result<std::string> socket_path(std::string_view address) {
    constexpr std::string_view kScheme = "unix://";
    if (!address.starts_with(kScheme) || address.substr(kScheme.size(), 1) != "/")
        return bad_input("address '" + std::string(address) + "': expected unix:///PATH");
    std::string path(address.substr(kScheme.size()));
    HALLMARK_CHECK(address_of(path));
    return path;
}

Result<FileDescriptor> listen_on(const std::string& path, mode_t mode) {
    HALLMARK_CHECK(address_of(path));
    HALLMARK_CHECK(check_replaceable(path));
    // Bound under another name, so that whoever sees the file can connect.
    const std::string fresh = path + ".new";
    HALLMARK_TRY(const sockaddr_un address, address_of(fresh));
    HALLMARK_TRY(FileDescriptor listener, new_socket(SOCK_NONBLOCK));
    const auto failed = [&] { return std::unexpected(system_error("socket " + path)); };
    if (::unlink(fresh.c_str()) != 0 && errno != ENOENT) return failed();
    // Linux gives the file the mode of the socket that is bound: there is no moment at which others may connect.
    if (::fchmod(listener.get(), 0600) != 0) return failed();
    if (::bind(listener.get(), generic(address), sizeof(address)) != 0) return failed();
    if (::chmod(fresh.c_str(), mode) != 0) return failed();
    if (::listen(listener.get(), kBacklog) != 0) return failed();
    if (::rename(fresh.c_str(), path.c_str()) != 0) return failed();
    return listener;
}

Status check_peer(int socket, const Users& users) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return std::unexpected(system_error("SO_PEERCRED"));
    if (peer.uid == 0 || std::ranges::find(users, peer.uid) != users.end()) return {};
    return refused("the peer is user " + std::to_string(peer.uid) + ", process " + std::to_string(peer.pid) +
                   ", expected root or a user who is allowed");
}

std::optional<FileDescriptor> accept_from(int listener) {
    FileDescriptor connection(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection.valid()) return std::nullopt;
    return connection;
}

Result<FileDescriptor> connect_to(const std::string& path, const Users& users, Deadline deadline) {
    HALLMARK_TRY(const sockaddr_un address, address_of(path));
    HALLMARK_TRY(FileDescriptor socket, new_socket(0));
    // How long connect(2) waits where more wait than the backlog holds; 0 would be without end.
    const int left = std::max(milliseconds_until(deadline), 1);
    const timeval limit{.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0 ||
        ::connect(socket.get(), generic(address), sizeof(address)) != 0)
        return std::unexpected(system_error("socket " + path));
    HALLMARK_CHECK(check_peer(socket.get(), users));
    return socket;
}

}  // namespace hallmark::ttrpc
