// SPDX-License-Identifier: Apache-2.0
// Measuring a firmware file block by block: a digest then needs little memory, and no time to get it from the system.
#pragma once

#include <optional>
#include <string>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/ovmf/sev_metadata.hpp"
#include "measure/snp/firmware_seed.hpp"
#include "measure/trace.hpp"

namespace hallmark::snp {

struct MeasuredFile {
    MeasuredFirmware firmware;
    std::optional<Sha256> sha256;  ///< of the file, where it was wanted
};

/// What measure_firmware finds in the file's bytes. Where its tables do not lie in the usual place, the file is read
/// whole.
Result<MeasuredFile> measure_firmware_file(const std::string& path, ovmf::UnknownSections unknown, bool with_sha256,
                                           Trace* trace = nullptr);

}  // namespace hallmark::snp
