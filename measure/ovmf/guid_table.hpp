// SPDX-License-Identifier: Apache-2.0
// The table of GUIDed structures at the end of an OVMF image.
// Source: edk2, OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm, edk2-stable202405.
#pragma once

#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/guid.hpp"
#include "common/result.hpp"
#include "measure/ovmf/image_end.hpp"

namespace hallmark::ovmf {

/// One structure of the table: its data stand in front of a 16-bit length and the GUID that names it.
struct TableEntry {
    Guid guid;
    ByteSpan data;           ///< borrowed from the image
    std::size_t offset = 0;  ///< of the data, in the image
};

struct GuidTable {
    std::vector<TableEntry> entries;  ///< from the end of the image towards its begin
    std::size_t begin = 0;            ///< offset of the first byte of the table
    std::size_t end = 0;              ///< offset after its last byte

    [[nodiscard]] const TableEntry* find(const Guid& guid) const;
};

/// The table that ends 32 bytes before the end of the image. Every entry must lie inside the table, the entries must
/// fill it exactly, and no GUID may stand twice. `what` names the image in errors.
Result<GuidTable> parse_guid_table(const ImageEnd& image, const std::string& what);

}  // namespace hallmark::ovmf
