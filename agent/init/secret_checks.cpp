// SPDX-License-Identifier: Apache-2.0
#include "agent/init/secret_checks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace hallmark::guest {

using guest_port::SecretOutcome;

Result<SecretChecks> SecretChecks::start(std::vector<std::string> resources, Ask ask) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(system_error("pipe", Fault::kNo));
    FileDescriptor theirs(ends[1]);
    auto outcomes = std::make_shared<std::vector<SecretOutcome>>();
    std::thread worker(
        [resources = std::move(resources), ask = std::move(ask), outcomes, done = std::move(theirs)]() mutable {
            for (auto& resource : resources) {
                const Status answer = ask(resource);
                outcomes->push_back({.resource = std::move(resource),
                                     .granted = answer.has_value(),
                                     .reason = answer ? "" : answer.error().message});
            }
            done.reset();
        });
    // A guest that is to power off doesn't wait for a broker.
    worker.detach();
    return SecretChecks(FileDescriptor(ends[0]), std::move(outcomes));
}

bool SecretChecks::finished() const {
    pollfd file{.fd = pipe_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&file, 1, 0) == 1;
}

}  // namespace hallmark::guest
