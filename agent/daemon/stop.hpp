// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// SIGTERM and SIGINT, read like a file: readable from the first of them on.
class StopSignal {
public:
    /// Blocks them for this thread and those that it starts: to be called before any.
    static Result<StopSignal> open();

    [[nodiscard]] int fd() const { return file_.get(); }

private:
    explicit StopSignal(FileDescriptor file) : file_(std::move(file)) {}

    FileDescriptor file_;
};

}  // namespace hallmark::guest
