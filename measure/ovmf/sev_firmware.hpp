// SPDX-License-Identifier: Apache-2.0
// What an OVMF image tells the hypervisor about a launch with SEV.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/ovmf/image_end.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/ovmf/sev_metadata.hpp"

namespace hallmark::ovmf {

/// An area of guest memory.
struct Area {
    std::uint32_t gpa = 0;
    std::uint32_t size = 0;
};

struct SevFirmware {
    std::size_t size = 0;                     ///< of the image, in bytes; whole pages
    std::uint32_t application_cpu_reset = 0;  ///< where the application CPUs start (SEV-ES reset block)
    std::optional<Area> kernel_hash_table;  ///< where the firmware looks for the hashes of kernel, initrd, command line
    std::vector<SevSection> sections;       ///< in the order of the image

    /// Guest physical address of the image: it ends at 4 GiB.
    [[nodiscard]] std::uint64_t gpa() const { return kFourGiB - size; }
    /// The section that holds the kernel hash table; nullptr where the firmware can't measure a kernel.
    [[nodiscard]] const SevSection* kernel_hash_section() const;
};

/// The size of a firmware image: not 0, whole 4 KiB pages, at most 16 MiB.
Status check_firmware_size(std::size_t size, const std::string& what);

/// Reads an image, whether from a file or from guest memory, or its end, if the tables lie in it. `what` names it in
/// errors.
Result<SevFirmware> parse_sev_firmware(const ImageEnd& image, const std::string& what,
                                       UnknownSections unknown = UnknownSections::kRefuse);

/// What must hold between the parts of a firmware that was read from elsewhere than an image: its size, every section,
/// the reset address, and where the hash table lies.
Status check_sev_firmware(const SevFirmware& firmware, UnknownSections unknown, const std::string& what);

/// What a launch with SEV or SEV-ES, which has no metadata sections, needs of an image.
struct SevTables {
    std::optional<std::uint32_t> application_cpu_reset;  ///< nothing where the image has no SEV-ES reset block
    std::optional<Area> kernel_hash_table;
};

Result<SevTables> parse_sev_tables(const ImageEnd& image, const std::string& what);

}  // namespace hallmark::ovmf
