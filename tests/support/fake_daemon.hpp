// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>

#include "agent/ttrpc/server.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::test {

/// A daemon that answers as a test says, for as long as it lives.
class FakeDaemon {
public:
    explicit FakeDaemon(ttrpc::Methods methods) {
        EXPECT_EQ(::pipe(stop_), 0);
        auto server = ttrpc::Server::listen(socket(), std::move(methods));
        EXPECT_TRUE(server);
        if (server)
            thread_ = std::thread([this, one = std::move(*server)]() mutable { EXPECT_TRUE(one.run(stop_[0])); });
    }
    ~FakeDaemon() {
        EXPECT_EQ(::write(stop_[1], "x", 1), 1);
        if (thread_.joinable()) thread_.join();
        ::close(stop_[0]);
        ::close(stop_[1]);
    }
    [[nodiscard]] std::string socket() const { return folder_.path() / "s"; }

private:
    TemporaryFolder folder_;
    int stop_[2]{};
    std::thread thread_;
};

}  // namespace hallmark::test
