// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/workers.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace hallmark::ttrpc {
namespace {

Answer answer(const WaitingCall& waiting) {
    const Call call{.deadline = waiting.call.deadline()};
    if (Clock::now() >= call.deadline)
        return failure(Code::kDeadlineExceeded, "the call waited for others until its time was over");
    return (*waiting.handler)(waiting.call.payload(), call);
}

}  // namespace

Status Workers::start(std::size_t most) {
    bell_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!bell_.valid()) return std::unexpected(system_error("eventfd"));
    most_ = std::max<std::size_t>(most, 1);
    if (!add_thread()) return refused("no thread for the handlers of calls");
    return {};
}

Workers::~Workers() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        jobs_.clear();
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
    for (auto& done : done_) wipe(done.frame);
}

bool Workers::add_thread() {
    try {
        threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
        return false;
    }
    return true;
}

void Workers::run(Job job) {
    ++busy_;
    // Without another one the job waits for those that there are.
    if (busy_ > threads_.size()) (void)add_thread();
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
}

std::vector<Done> Workers::take_done() {
    std::uint64_t rung = 0;
    if (::read(bell_.get(), &rung, sizeof(rung)) < 0) return {};  // nobody rang
    const std::lock_guard lock(mutex_);
    busy_ -= done_.size();
    return std::exchange(done_, {});
}

void Workers::work() {
    while (const auto job = next()) {
        // What was answered is wiped here, before the caller has it.
        Bytes frame = response_frame(job->call.stream, answer(job->call));
        finish({job->connection, job->call.stream, std::move(frame)});
    }
}

std::optional<Job> Workers::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return std::nullopt;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
}

void Workers::finish(Done done) {
    {
        const std::lock_guard lock(mutex_);
        done_.push_back(std::move(done));
    }
    constexpr std::uint64_t kRing = 1;
    // It can't fail but by an overflow, and then it has been rung.
    [[maybe_unused]] const ssize_t written = ::write(bell_.get(), &kRing, sizeof(kRing));
}

}  // namespace hallmark::ttrpc
