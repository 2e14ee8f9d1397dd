// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "agent/ttrpc/connection.hpp"
#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::ttrpc {

/// A call on its way to a handler; `connection` is the server's number of it.
struct Job {
    std::uint64_t connection = 0;
    WaitingCall call;
};

struct Done {
    std::uint64_t connection = 0;
    std::uint32_t stream = 0;
    Bytes frame;
};

/// A few threads that run handlers: each is started when all others are busy, since most daemons never need a second.
class Workers {
public:
    Workers() = default;
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    /// Waits for the handlers that run; what hasn't begun is dropped.
    ~Workers();

    /// Starts the first; there will be at most `most`, one at least.
    Status start(std::size_t most);
    /// Readable while something is done and not taken.
    [[nodiscard]] int fd() const { return bell_.get(); }
    /// Whether one is idle, or can be started.
    [[nodiscard]] bool idle() const { return busy_ < most_; }

    void run(Job job);
    std::vector<Done> take_done();

private:
    bool add_thread();
    void work();
    std::optional<Job> next();
    void finish(Done done);

    FileDescriptor bell_;
    std::vector<std::thread> threads_;
    std::size_t most_ = 0;
    std::size_t busy_ = 0;  ///< known to the caller's thread only

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    std::vector<Done> done_;
    bool stopping_ = false;
};

}  // namespace hallmark::ttrpc
