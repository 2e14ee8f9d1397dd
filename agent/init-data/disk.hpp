// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "agent/ports/discovery.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// The init-data document, unpacked, from the one disk among /dev/vd* and /dev/sd* that begins as an init-data disk
/// does; nothing where no disk does. Refused where two do, or it is damaged or too large, or a disk can't be read:
/// which of them is meant is never guessed. Nothing is known of who wrote it: HOSTDATA or MRCONFIGID says whether it is
/// the owner's.
Result<std::optional<Bytes>> find_init_data(const Roots& roots);

}  // namespace hallmark::guest
