// SPDX-License-Identifier: Apache-2.0
// The container runtime: crun(1).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::pod {

struct Runtime {
    std::string program = "/usr/bin/crun";
    std::filesystem::path state = "/run/crun";  ///< what it remembers of containers
};

/// A container that runs, as far as crun did not fail: crun ends with it, and with its exit status.
struct Started {
    pid_t child = -1;
    FileDescriptor output;  ///< what it writes; reading never blocks
    FileDescriptor errors;
    FileDescriptor log;  ///< a file with what crun itself had to say
};

/// Starts `crun run`. The container's name is its place among all; `config` is read to the end before it starts.
Result<Started> start_container(const Runtime& runtime, const std::string& name, const std::filesystem::path& bundle,
                                const FileDescriptor& config);

/// The last line of crun's log, fit for a console; empty where it said nothing.
std::string last_word(const FileDescriptor& log);

}  // namespace hallmark::pod
