// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "agent/ports/discovery.hpp"
#include "common/result.hpp"

namespace hallmark::storage {

/// The device of the one disk whose serial number is "hallmark-scratch", as "/dev/vdc"; nothing where the host gives
/// none. It is the host that says so: whatever is on that disk is lost, which the host can have at any time.
Result<std::optional<std::string>> find_scratch_disk(const guest::Roots& roots);

/// Where the host gives a scratch disk, the store of pulled images lies on it from here on, encrypted and with tags by
/// a key that is gone with this boot. Returns whether it does; before the first image is pulled.
Result<bool> mount_image_store(const guest::Roots& roots);

}  // namespace hallmark::storage
