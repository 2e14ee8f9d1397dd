// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boot/tpm/software_tpm.hpp"
#include "common/formats/event_log.hpp"
#include "common/result.hpp"

namespace hallmark::boot::tpm {

/// That PCR 0 to 15 of a TPM are what a log extends, in the banks of SHA-256 and SHA-384. Refused with the first that
/// differs.
Status check_log(const event_log::EventLog& log, SoftwareTpm& tpm, Deadline deadline);

}  // namespace hallmark::boot::tpm
