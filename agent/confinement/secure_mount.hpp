// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.hpp"

namespace hallmark::confinement {

/// For the mount of one disk, after keep_what_mounts_need(): what neither it nor cryptsetup(8) and mke2fs(8), which it
/// starts and which inherit this, have any use for is refused. A disk is the host's, and who may mount could do much
/// more by these. Not a list of what is allowed: those programs are Debian's, and each release of theirs may need
/// another call.
Status confine_secure_mount();

}  // namespace hallmark::confinement
