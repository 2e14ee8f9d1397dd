// SPDX-License-Identifier: Apache-2.0
// An SVSM image as the hypervisor loads it beside OVMF: it has a GUIDed table and SEV metadata of its own.
// Source: COCONUT-SVSM's QEMU, target/i386/sev.c (commit 0e64fb84); coconut-svsm/svsm, stage1/meta.S.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/ovmf/sev_metadata.hpp"

namespace hallmark::ovmf {

struct SvsmFirmware {
    std::uint64_t gpa = 0;             ///< of the first page of the image
    std::uint32_t start = 0;           ///< guest physical address of the first instruction of every CPU
    std::vector<SevSection> sections;  ///< in the order of the image
};

/// Reads an SVSM image, whole pages, that ends at guest physical address `end`, a page boundary up to 4 GiB.
Result<SvsmFirmware> parse_svsm_firmware(ByteSpan image, std::uint64_t end, const std::string& what,
                                         UnknownSections unknown = UnknownSections::kRefuse);

}  // namespace hallmark::ovmf
