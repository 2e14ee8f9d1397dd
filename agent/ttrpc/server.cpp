// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/server.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <vector>

#include "agent/ttrpc/connection.hpp"
#include "agent/ttrpc/workers.hpp"

namespace hallmark::ttrpc {
namespace {

/// One run of a server: all of it but the handlers is on the thread of run().
class Loop {
public:
    Loop(int listener, int stop, const Methods& methods, const Users& users, const Limits& limits)
        : listener_(listener), stop_(stop), methods_(methods), users_(users), limits_(limits) {}

    Status run() {
        HALLMARK_CHECK(workers_.start(limits_.workers));
        for (;;) {
            HALLMARK_CHECK(wait());
            if (polled_[kStop].revents != 0) return {};
            deliver();
            if (polled_[kListener].revents != 0) accept();
            serve();
            dispatch();
        }
    }

private:
    enum : std::size_t { kStop, kBell, kListener, kFirstConnection };

    Status wait() {
        polled_ = {{stop_, POLLIN, 0}, {workers_.fd(), POLLIN, 0}, {listener_, POLLIN, 0}};
        if (connections_.size() >= limits_.connections) polled_[kListener].fd = -1;  // poll(2) passes it over
        Deadline due = Deadline::max();
        for (const auto& [number, connection] : connections_) {
            polled_.push_back({connection.fd(), connection.events(), 0});
            due = std::min(due, connection.due());
        }
        const int limit = due == Deadline::max() ? -1 : milliseconds_until(due);
        if (::poll(polled_.data(), polled_.size(), limit) < 0) {
            if (errno != EINTR) return std::unexpected(system_error("poll"));
            for (auto& one : polled_) one.revents = 0;
        }
        return {};
    }

    /// Hands over what the workers have done; who is gone gets nothing.
    void deliver() {
        for (auto& done : workers_.take_done()) {
            const auto connection = connections_.find(done.connection);
            if (connection == connections_.end())
                wipe(done.frame);
            else
                connection->second.answer(done.stream, std::move(done.frame));
        }
    }

    /// Reads and writes what is ready, and cuts off who is gone, too slow, or out of order.
    void serve() {
        std::size_t at = kFirstConnection;
        for (auto one = connections_.begin(); one != connections_.end() && at < polled_.size(); ++at) {
            auto& connection = one->second;
            const short ready = polled_[at].revents;
            const bool gone = (ready & (POLLERR | POLLHUP | POLLNVAL)) != 0;
            const bool stays = !gone && ((ready & POLLIN) == 0 || connection.read()) && connection.write() &&
                               Clock::now() < connection.due();
            one = stays ? std::next(one) : connections_.erase(one);
        }
    }

    void accept() {
        auto socket = accept_from(listener_);
        // Whoever may not call learns no more than that.
        if (socket && check_peer(socket->get(), users_))
            connections_.try_emplace(++last_number_, *std::move(socket), methods_, limits_);
    }

    /// Gives calls to idle workers: one of each connection in turn, so that none waits for all calls of another one.
    void dispatch() {
        for (std::size_t passed = 0; passed < connections_.size() && workers_.idle();) {
            auto next = connections_.upper_bound(last_served_);
            if (next == connections_.end()) next = connections_.begin();
            last_served_ = next->first;
            if (auto call = next->second.take()) {
                workers_.run({next->first, *std::move(call)});
                passed = 0;
            } else {
                ++passed;
            }
        }
    }

    int listener_;
    int stop_;
    const Methods& methods_;
    const Users& users_;
    const Limits& limits_;
    std::vector<pollfd> polled_;
    std::map<std::uint64_t, Connection> connections_;  ///< by number, in the order of their arrival
    std::uint64_t last_number_ = 0;
    std::uint64_t last_served_ = 0;
    Workers workers_;
};

}  // namespace

Result<Server> Server::listen(const std::string& path, Methods methods, Users users, Limits limits) {
    // Other users can connect only if the file lets all of them; then the check of each peer is what keeps them out.
    HALLMARK_TRY(FileDescriptor listener, listen_on(path, users.empty() ? 0600 : 0666));
    return Server(std::move(listener), std::move(methods), std::move(users), limits);
}

Status Server::run(int stop) { return Loop(listener_.get(), stop, methods_, users_, limits_).run(); }

}  // namespace hallmark::ttrpc
