// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "agent/ttrpc/limits.hpp"
#include "agent/ttrpc/methods.hpp"
#include "agent/ttrpc/socket.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::ttrpc {

/// Answers calls on a unix socket.
class Server {
public:
    /// Callers may be root and `users`. From now on they can connect; they are answered while run() runs.
    static Result<Server> listen(const std::string& path, Methods methods, Users users = {}, Limits limits = {});

    /// Answers calls until `stop` is readable, then waits for the handlers that run. An error is one of the system.
    Status run(int stop);

private:
    Server(FileDescriptor listener, Methods methods, Users users, Limits limits)
        : listener_(std::move(listener)), methods_(std::move(methods)), users_(std::move(users)), limits_(limits) {}

    FileDescriptor listener_;
    Methods methods_;
    Users users_;
    Limits limits_;
};

}  // namespace hallmark::ttrpc
