// SPDX-License-Identifier: Apache-2.0
// The programs that the demo runs, as an owner would.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.hpp"
#include "common/descriptor.hpp"
#include "common/process.hpp"
#include "common/result.hpp"

namespace hallmark::boot::demo {

/// Where they are: in the build folder in which this program lies.
struct Tools {
    std::filesystem::path kbs;
    std::filesystem::path measure;
    std::filesystem::path registry;
    std::filesystem::path skopeo;
    std::filesystem::path busybox;

    /// An error names the first that is missing.
    static Result<Tools> find();
};

/// Runs a program to its end and returns what it said on standard output, at most 1 MiB. Refused with its last line on
/// standard error where it fails. `environment` has all of its variables, "NAME=VALUE".
Result<std::string> run(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                        Deadline deadline);

/// A program that serves on a port of its own choice until the end of this object's life.
class Server {
public:
    /// Waits until what it writes into `log`, a file that is made, has `phrase` with a port number behind it. Refused
    /// with the log's last line where it ends before.
    static Result<Server> start(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                                const std::filesystem::path& log, std::string_view phrase, Deadline deadline);

    [[nodiscard]] const std::string& port() const { return port_; }

private:
    Server(Process process, std::string port) : process_(std::move(process)), port_(std::move(port)) {}

    Process process_;
    std::string port_;
};

}  // namespace hallmark::boot::demo
