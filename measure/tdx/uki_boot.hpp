// SPDX-License-Identifier: Apache-2.0
// What is measured of a unified kernel image that the firmware starts from a disk: the events that a TPM would get in
// PCR 4, 9, 11 and 12, in the registers of TDX.
// Source: as measure/tpm/predict.hpp; systemd 258, src/boot/linux.c, for stubs that start the kernel themselves.
#pragma once

#include <string>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/tdx/event.hpp"
#include "measure/tdx/platform.hpp"

namespace hallmark::tdx {

struct UkiBoot {
    Bytes image;       ///< as in its file
    std::string name;  ///< names it in errors
};

/// From the image's own event up to the kernel's, without the firmware's words around them.
Status add_uki_events(EventList& list, Assumptions& assumptions, const UkiBoot& boot);

}  // namespace hallmark::tdx
