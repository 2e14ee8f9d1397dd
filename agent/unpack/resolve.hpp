// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/descriptor.hpp"

namespace hallmark::unpack {

/// Opens what a path leads to when `root` is the root: absolute links and ".." of links stay inside, whatever a layer
/// has planted; other file systems and /proc's links lead nowhere. "" is the root. Not valid: errno says why.
FileDescriptor resolve(int root, const std::string& path, int flags);

}  // namespace hallmark::unpack
