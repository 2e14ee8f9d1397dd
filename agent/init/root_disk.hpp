// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::guest {

/// Reads every byte of the device that holds "/" from the disk itself, past the page cache, and returns how many there
/// are. dm-verity checks each block on the way; on a command line without panic_on_corruption a damaged one is an
/// error only for its reader, so somebody must read.
Result<std::uint64_t> read_root_disk();

/// The same for an open device or file, in memory that does not grow with its size. `name` is for the error.
Result<std::uint64_t> read_all_blocks(int file, std::string_view name);

/// Asks the kernel whether dm-verity has met a damaged block of the root, whoever read it: it remembers. A root without
/// dm-verity is the command line's choice, which is measured.
Status ask_verity();

/// What a target of the root's device says of itself. Source: Linux, drivers/md/dm-verity-target.c (verity_status):
/// "V", or "C" for good from the first damaged block on; newer kernels add a word about error correction ("V -").
Status judge_target(std::string_view type, std::string_view says);

/// Keeps the pages of this program and its libraries in memory: what was read once as measured is not asked of the
/// disk again.
Status keep_in_memory();

}  // namespace hallmark::guest
