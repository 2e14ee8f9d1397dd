// SPDX-License-Identifier: Apache-2.0
// What a kernel's EFI stub measures, as far as the kernel's file shows it: the stub stands in it uncompressed.
// Source: Linux 6.18, drivers/firmware/efi/libstub/efi-stub-helper.c (efi_measure_tagged_event, efi_load_initrd).
#pragma once

#include "common/bytes.hpp"

namespace hallmark::tpm {

struct EfiStub {
    bool measures_command_line = false;  ///< it extends PCR 9 by what it was started with
    bool takes_initrd = false;           ///< built with support for an initrd, which it measures into PCR 9 too
};

/// Looks for the texts that such a stub has. A kernel that is no image of a stub has neither.
[[nodiscard]] EfiStub read_efi_stub(ByteSpan kernel);

}  // namespace hallmark::tpm
