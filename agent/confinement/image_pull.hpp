// SPDX-License-Identifier: Apache-2.0
// What is left to whoever unpacks images: they come from strangers, and their files are given to many users.
#pragma once

#include "common/result.hpp"

namespace hallmark::confinement {

/// For the process beside the data hub, which starts a program for each image and each device: keeps no capability that
/// neither of them needs, for itself and all that it starts, and its memory private.
Status keep_what_mounts_need();

/// For the pull of one image: files with any owner, mode and attribute, mounts, and connections. No program is started,
/// and no privilege beyond those is left. Where there is one thread only.
Status confine_image_pull();

}  // namespace hallmark::confinement
