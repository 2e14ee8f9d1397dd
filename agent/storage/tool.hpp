// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/descriptor.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::storage {

/// How a program of the root ended.
struct Ended {
    int status = 0;      ///< of exit(3); 128 + its number where a signal ended it
    std::string says{};  ///< the last line on its standard error, printable ASCII
};

/// A pipe that holds a key: what reads `path()` gets it, once. In no file, argument or environment.
class KeyPipe {
public:
    static Result<KeyPipe> of(const Secret& key);

    [[nodiscard]] int fd() const { return read_end_.get(); }
    [[nodiscard]] std::string path() const;

private:
    explicit KeyPipe(FileDescriptor read_end) : read_end_(std::move(read_end)) {}
    FileDescriptor read_end_;
};

/// "/proc/self/fd/5", for a program that inherits it.
std::string path_of(int fd);

/// Runs a program to its end, with an empty environment but for PATH and those descriptors under their own numbers.
/// It is killed where that takes longer than ten minutes.
Result<Ended> run_tool(const std::vector<std::string>& argv, const std::vector<int>& inherited);

/// The same, where anything but exit status 0 is an error.
Status run_tool_well(const std::vector<std::string>& argv, const std::vector<int>& inherited);

}  // namespace hallmark::storage
