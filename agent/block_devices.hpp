// SPDX-License-Identifier: Apache-2.0
// Block devices, as the kernel shows them; no udev makes links here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/ports/discovery.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// Names of whole disks that the host gives ("vda", "sdb"), in their order; at most 64. Partitions are none.
Result<std::vector<std::string>> disk_names(const Roots& roots);

/// "/dev/vdc", from its number.
Result<std::string> device_path(const Roots& roots, std::uint32_t major, std::uint32_t minor);

}  // namespace hallmark::guest
