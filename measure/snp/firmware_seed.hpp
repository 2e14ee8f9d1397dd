// SPDX-License-Identifier: Apache-2.0
// All of a firmware that the launch digest of an SNP guest depends on: with it, digests for any kernel, hypervisor and
// CPUs follow without the firmware.
#pragma once

#include <string>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/trace.hpp"

namespace hallmark::snp {

/// What a launch digest is computed from.
struct MeasuredFirmware {
    Sha384 after_firmware{};   ///< the launch digest after the image's pages
    ovmf::SevFirmware layout;  ///< what follows the image, and where the CPUs start
};

/// That, and the name of the image that it is of.
struct FirmwareSeed : MeasuredFirmware {
    Sha256 sha256{};  ///< of the image
};

constexpr std::size_t kLargestFirmwareSeed = 256 * 1024;

/// Measures an image. `what` names it in errors.
Result<MeasuredFirmware> measure_firmware(ByteSpan image, const std::string& what,
                                          ovmf::UnknownSections unknown = ovmf::UnknownSections::kRefuse,
                                          Trace* trace = nullptr);

/// The seed of an image.
Result<FirmwareSeed> seed_of(ByteSpan image, const std::string& what,
                             ovmf::UnknownSections unknown = ovmf::UnknownSections::kRefuse);

/// As JSON, schema hallmark/sev-firmware-seed/v1.
Json to_json(const FirmwareSeed& seed);

/// Reads it again. No key may be missing or unknown, and what parse_sev_firmware checks of an image must hold.
Result<FirmwareSeed> parse_firmware_seed(ByteSpan text, const std::string& what,
                                         ovmf::UnknownSections unknown = ovmf::UnknownSections::kRefuse);

}  // namespace hallmark::snp
