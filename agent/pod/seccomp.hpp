// SPDX-License-Identifier: Apache-2.0
// Which system calls a container has, as the usual runtimes have it by default: those of x86-64 that need no privilege,
// and the privileged ones that go with a capability which the container was given.
// Source: Docker documentation, "Seccomp security profiles for Docker"; OCI Runtime Specification 1.2.0,
// config-linux.md, section "Seccomp".
#pragma once

#include <span>
#include <string>

#include "common/json.hpp"

namespace hallmark::pod {

/// The object "linux.seccomp" for a container with these capabilities. A call that is not allowed fails with EPERM;
/// clone3, whose flags no filter sees, with ENOSYS: then libraries take clone. A call of another architecture ends the
/// process.
Json seccomp_profile(std::span<const std::string> capabilities);

}  // namespace hallmark::pod
