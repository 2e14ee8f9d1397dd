// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// Reaps every child that has ended. One that died of a bus error met a damaged block of the root: a reason to power
/// off.
std::optional<std::string> reap_children();

/// The signals that process 1 acts on, read like a file.
class Signals {
public:
    /// Blocks them for this process: from here on they are only read.
    static Result<Signals> open();

    [[nodiscard]] int fd() const { return file_.get(); }

    /// Takes what has arrived, reaps every child that has ended, and returns a reason to power off if there is one.
    std::optional<std::string> handle();

private:
    explicit Signals(FileDescriptor file) : file_(std::move(file)) {}

    FileDescriptor file_;
};

}  // namespace hallmark::guest
