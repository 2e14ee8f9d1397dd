// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/ports/deadline.hpp"

namespace hallmark::guest {

/// Where the kernel shows its devices; tests name folders of their own.
struct Roots {
    std::string sys = "/sys";
    std::string dev = "/dev";
    std::string proc = "/proc";
    std::string run = "/run";
};

/// The device node of the virtio-serial port that the host named `name`. Which number a port gets varies, and no udev
/// makes links here, so the names in sysfs are read. The driver adds ports while init already runs: looks until the
/// deadline, at least once.
std::optional<std::string> find_port(const Roots& roots, std::string_view name, Deadline deadline);

}  // namespace hallmark::guest
