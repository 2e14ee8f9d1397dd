// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "common/result.hpp"

namespace hallmark::confinement {

/// From here on this process's memory gets into no core file and is no debugger's.
Status keep_memory_private();

/// Gives up for good what this process, and all that it starts, could do beyond what files' modes allow: every
/// capability (bounding, ambient, inheritable, permitted, effective) and new privileges by execve(2); and keeps its
/// memory private. What is open stays open.
/// Where there is one thread only: capabilities are each thread's own, so a second one is an error.
Status give_up_privileges();

/// The same, but for some capabilities (CAP_… of linux/capability.h): those of them that it has, it keeps, and so does
/// what it starts as root.
Status give_up_privileges_but(std::span<const int> kept);

}  // namespace hallmark::confinement
