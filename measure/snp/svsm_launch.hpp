// SPDX-License-Identifier: Apache-2.0
// The launch of an SNP guest that runs an SVSM at VMPL 0 beside OVMF, as two files (not as one IGVM file).
// Source: COCONUT-SVSM's QEMU, target/i386/sev.c (commit 0e64fb84): OVMF, the SVSM below the firmware's variables, the
// SVSM's metadata sections, then the CPUs, which all start in the SVSM in 32-bit protected mode.
#pragma once

#include <cstdint>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "measure/ovmf/svsm_firmware.hpp"
#include "measure/snp/launch.hpp"
#include "measure/trace.hpp"

namespace hallmark::snp {

/// The state in which every CPU starts.
CpuStates svsm_states(const ovmf::SvsmFirmware& svsm, std::uint32_t signature, std::uint64_t features);

/// The whole launch. Both images are whole pages.
Sha384 predict_svsm(ByteSpan ovmf_image, ByteSpan svsm_image, const ovmf::SvsmFirmware& svsm, const CpuStates& states,
                    std::uint32_t vcpus, Trace* trace = nullptr);

}  // namespace hallmark::snp
