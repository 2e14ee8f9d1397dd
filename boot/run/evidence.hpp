// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "common/formats/guest_port.hpp"

namespace hallmark::boot {

/// Writes evidence as it came from the guest, and the challenge that it answers, for other verifiers: report.bin,
/// certificates.bin, challenge.bin. The folder is made; no path means that nobody wants it.
Status write_evidence(const std::filesystem::path& folder, const guest_port::Evidence& evidence,
                      const guest_port::Challenge& challenge);

}  // namespace hallmark::boot
