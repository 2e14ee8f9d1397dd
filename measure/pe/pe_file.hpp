// SPDX-License-Identifier: Apache-2.0
// Reading an executable that UEFI loads: a kernel (a bzImage is one too), a boot loader, a unified kernel image.
// Source: Microsoft "PE Format" (PE and COFF specification, revision 11); edk2-stable202502,
// MdePkg/Library/BasePeCoffLib/BasePeCoff.c, for what firmware refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/pe/layout.hpp"

namespace hallmark::pe {

/// A kernel with its initrd in one image may be large; what is larger is no boot file.
constexpr std::size_t kLargestImage = std::size_t{2} * 1024 * 1024 * 1024;

struct Section {
    std::string name;                   ///< without the NULs behind it
    std::uint32_t virtual_address = 0;  ///< where it is loaded, from the image's base
    std::uint32_t virtual_size = 0;     ///< its size once loaded, in bytes
    std::uint32_t raw_offset = 0;       ///< where it stands in the file
    ByteSpan raw;                       ///< what stands there, filled up to the file's alignment; may be shorter
};

/// An image's headers. Everything borrows from the bytes that were parsed.
struct PeFile {
    Machine machine{};
    Subsystem subsystem{};
    bool plus = false;                ///< PE32+, with 64-bit addresses
    std::uint32_t entry_point = 0;    ///< from the image's base
    std::size_t checksum_offset = 0;  ///< of the four bytes of CheckSum
    std::size_t headers_size = 0;     ///< SizeOfHeaders
    std::optional<std::size_t>
        certificate_entry;                 ///< offset of the certificate table's directory entry, where it has one
    std::uint32_t certificate_offset = 0;  ///< of the certificate table in the file; 0 where there is none
    std::uint32_t certificate_size = 0;    ///< in bytes
    std::vector<Section> sections;         ///< in the order of the section table

    /// The only section of this name, or the first; nothing where there is none.
    [[nodiscard]] const Section* find(std::string_view name) const;
};

/// Whether the bytes begin as a PE image does; says nothing about the rest.
[[nodiscard]] bool is_pe(ByteSpan image);

/// Reads the headers. Every section lies in the file, and together they and the headers are no larger than it.
/// `what` names the image in errors.
Result<PeFile> parse_pe(ByteSpan image, const std::string& what);

}  // namespace hallmark::pe
