// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// A child that ended, and its status as waitpid(2) gives it.
struct Ended {
    pid_t child = -1;
    int status = 0;
};

/// Reaps every child that has ended.
std::vector<Ended> reap_children();

/// A child that died of a bus error met a damaged block of the root: a reason to power off.
std::optional<std::string> damage(const Ended& ended);

/// The signals that process 1 acts on, read like a file.
class Signals {
public:
    /// Blocks them for this process: from here on they are only read.
    static Result<Signals> open();

    [[nodiscard]] int fd() const { return file_.get(); }

    /// Takes what has arrived, reaps every child that has ended, and returns a reason to power off if there is one.
    /// The children that ended are added to `ended`.
    std::optional<std::string> handle(std::vector<Ended>& ended);

private:
    explicit Signals(FileDescriptor file) : file_(std::move(file)) {}

    FileDescriptor file_;
};

}  // namespace hallmark::guest
