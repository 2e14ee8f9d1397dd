// SPDX-License-Identifier: Apache-2.0
// What QEMU hands to firmware, read as firmware reads it.
// Source: QEMU 10.1, docs/specs/fw_cfg.rst ("Selector (Control) Register", "File Directory", "Guest-side DMA
// Interface").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/qemu/qtest.hpp"

namespace hallmark::qemu {

/// Larger files are not read, in bytes.
constexpr std::uint32_t kLargestFile = 1U << 20;

struct FwCfgFile {
    std::string name;  ///< "etc/acpi/tables"
    std::uint16_t item = 0;
    std::uint32_t size = 0;  ///< in bytes
};

/// The entries of a directory, behind its count.
Result<std::vector<FwCfgFile>> parse_directory(ByteSpan entries);

/// How many entries a directory has, of its first four bytes; an error where they would be too many.
Result<std::uint32_t> entry_count(ByteSpan count);

/// The bytes of one entry.
constexpr std::size_t kEntrySize = 64;

Result<std::vector<FwCfgFile>> read_directory(Qtest& qtest);
/// The file of that name.
Result<Bytes> read_fw_cfg(Qtest& qtest, const std::vector<FwCfgFile>& directory, const std::string& name);

}  // namespace hallmark::qemu
