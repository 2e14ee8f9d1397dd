// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "common/result.hpp"

namespace hallmark::guest {

struct Mount {
    const char* type;
    const char* target;
    unsigned long flags;
    const char* options;
    bool required;  ///< false: a kernel built without it is fine
};

/// What init mounts, in this order.
std::span<const Mount> mount_table();

/// Mounts all of the table. What the kernel has mounted already keeps its content and gets the flags of the table.
Status mount_all();

}  // namespace hallmark::guest
