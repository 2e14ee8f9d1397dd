// SPDX-License-Identifier: Apache-2.0
#include "agent/init/supervisor.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>

#include "agent/init/console.hpp"
#include "agent/init/spawn.hpp"
#include "common/descriptor.hpp"

namespace hallmark::guest {
namespace {

constexpr int kLookAgainMs = 10;

/// "with status 1", "by signal 9"
std::string how(int status) {
    if (WIFSIGNALED(status)) return "by signal " + std::to_string(WTERMSIG(status));
    return "with status " + std::to_string(WEXITSTATUS(status));
}

/// A blocking connect(2) to something local either succeeds or fails at once.
template <class Address>
bool answers(const Address& address, sa_family_t family) {
    const FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return socket.valid() && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool listens(const Daemon& daemon) {
    if (daemon.socket.empty()) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(daemon.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return answers(address, AF_INET);
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (daemon.socket.size() >= sizeof address.sun_path) return false;
    std::ranges::copy(daemon.socket, address.sun_path);
    return answers(address, AF_UNIX);
}

/// The folders in which it makes its socket.
void make_folders(const std::string& socket) {
    for (auto slash = socket.find('/', 1); slash != std::string::npos; slash = socket.find('/', slash + 1))
        ::mkdir(socket.substr(0, slash).c_str(), 0755);
}

}  // namespace

Status Supervisor::launch(Kept& kept) {
    kept.due.reset();
    kept.started = Clock::now();
    HALLMARK_TRY(kept.child, spawn(kept.daemon.argv, kept.daemon.environment));
    return {};
}

Status Supervisor::start(Daemon daemon) {
    Kept kept{.daemon = std::move(daemon)};
    const std::string name = kept.daemon.name();
    make_folders(kept.daemon.socket);
    HALLMARK_CHECK(launch(kept));
    const Deadline deadline = after(patience_.ready);
    while (!listens(kept.daemon)) {
        int status = 0;
        if (::waitpid(kept.child, &status, WNOHANG) == kept.child)
            return refused("the " + name + " ended " + how(status) + " before it was ready");
        if (remaining_ms(deadline) == 0)
            return refused("the " + name + " is not ready in " + std::to_string(patience_.ready.count()) + " ms");
        ::poll(nullptr, 0, kLookAgainMs);
    }
    kept_.push_back(std::move(kept));
    return {};
}

std::optional<std::string> Supervisor::note(const Ended& ended) {
    const auto found = std::ranges::find(kept_, ended.child, &Kept::child);
    if (found == kept_.end()) return std::nullopt;
    Kept& kept = *found;
    kept.child = -1;
    const auto now = Clock::now();
    if (now - kept.started >= patience_.steady) kept.restarts = 0;
    const std::string what = "the " + kept.daemon.name() + " ended " + how(ended.status);
    if (kept.restarts == patience_.restarts) {
        const std::string why =
            what + " again and again, the last time after " + std::to_string(kept.restarts) + " new starts";
        if (kept.daemon.essential) return why;
        say(why + "; it stays away");
        return std::nullopt;
    }
    kept.due = now + patience_.first_wait * (1U << kept.restarts);
    ++kept.restarts;
    say(what + "; it is started again");
    return std::nullopt;
}

std::optional<Deadline> Supervisor::due() const {
    std::optional<Deadline> first;
    for (const auto& kept : kept_)
        if (kept.due && (!first || *kept.due < *first)) first = kept.due;
    return first;
}

Status Supervisor::restart() {
    const auto now = Clock::now();
    for (auto& kept : kept_)
        if (kept.due && *kept.due <= now) HALLMARK_CHECK(launch(kept));
    return {};
}

}  // namespace hallmark::guest
