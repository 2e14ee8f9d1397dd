// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "boot/simulated/loaded.hpp"
#include "boot/simulated/machine.hpp"

namespace hallmark::boot {

/// What was asked for, to compare with what was loaded.
struct Intended {
    const std::filesystem::path& folder;
    const Manifest& manifest;
    const std::string& command_line;
    const Shape& shape;
    std::uint32_t cpu_signature = 0;
};

/// Every difference between what lies in guest memory or was served to the guest and what the manifest says, in one
/// line; empty where there is none.
Result<std::string> differences(const Loaded& loaded, const Served& served, const Intended& intended);

/// How the firmware in memory, from this address on, differs from the manifest's; empty where it doesn't.
std::string firmware_difference(const std::filesystem::path& folder, const Artefact& artefact, ByteSpan in_memory,
                                std::uint64_t address);

}  // namespace hallmark::boot
