// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/deadline.hpp"
#include "common/file.hpp"

namespace hallmark {

/// A program that we started and that never outlives us: it is killed with its whole process group at the end of this
/// object's life, and by the kernel where we die first.
class Process {
public:
    /// Starts `argv` with no standard input, standard output into `output` or nowhere, standard error into `errors`,
    /// and those descriptors of `inherited` open under their own numbers; every other descriptor is closed there. Its
    /// environment is ours, or the "NAME=VALUE" of `environment`.
    static Result<Process> start(const std::vector<std::string>& argv, const std::vector<int>& inherited,
                                 const FileDescriptor& errors,
                                 const std::optional<std::vector<std::string>>& environment = {},
                                 const FileDescriptor* output = nullptr);

    Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}
    Process& operator=(Process&& other) = delete;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() { kill(); }

    /// The status with which it ended, as waitpid gives it, or nothing while it runs.
    std::optional<int> ended();
    /// Waits until it has ended; false where the deadline came first.
    bool wait(Deadline deadline);
    /// Processor time that it used so far; 0 where that can't be told.
    [[nodiscard]] std::chrono::milliseconds processor_time() const;
    /// Ends it at once, and waits for that.
    void kill();

private:
    explicit Process(pid_t pid) : pid_(pid) {}
    pid_t pid_;
    std::optional<int> status_;
};

}  // namespace hallmark
