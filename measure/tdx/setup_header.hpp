// SPDX-License-Identifier: Apache-2.0
// What QEMU before 10.2 writes into the setup header of a kernel that it hands to the firmware: the digest that is
// measured is then not that of the file.
// Source: QEMU 10.1, hw/i386/x86-common.c (x86_load_linux); Linux, Documentation/arch/x86/boot.rst, version 2.15.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::tdx {

/// What the patch depends on besides the kernel.
struct LoadedWith {
    std::string_view command_line;
    std::optional<std::uint64_t> initrd_size;  ///< in bytes; nothing without an initrd
    std::optional<std::uint64_t> memory;       ///< the guest's, in bytes; asked for only with an initrd
};

/// Changes a kernel as QEMU does. Errors: no kernel of boot protocol 2.02 or newer, what QEMU itself refuses (a bad
/// vga= or an initrd that is too large), an initrd without the memory's size. `what` names the kernel in errors.
Status patch_setup_header(std::span<std::uint8_t> kernel, const LoadedWith& with, const std::string& what);

/// The kernel's version ("6.12.117") as its setup header has it; nothing where it has none.
[[nodiscard]] std::optional<std::string> kernel_version(ByteSpan kernel);

}  // namespace hallmark::tdx
