// SPDX-License-Identifier: Apache-2.0
// The fields of a VMSA by name, so that a hypervisor whose CPUs start in another state can be followed without a new
// release of this program.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/vmsa.hpp"

namespace hallmark::snp {

/// One field: its name is that of struct Vmsa; the parts of a segment register are "cs.selector" and so on.
struct VmsaField {
    std::string_view name;
    std::size_t offset = 0;  ///< in the page
    std::size_t size = 0;    ///< in bytes; fields of up to 8 are little-endian numbers
};

/// All fields, in the order of the page, without holes.
std::span<const VmsaField> vmsa_fields();

/// A value for a field, in all CPUs or in those of one role.
struct VmsaOverride {
    VmsaField field;
    std::optional<CpuRole> role;
    Bytes value;  ///< as it stands in the page
};

/// "FIELD=VALUE", "bsp.FIELD=VALUE" or "ap.FIELD=VALUE": a number that fits the field, or for fields of more than 8
/// bytes all their bytes in hexadecimal. An unknown field is an error that names similar ones.
Result<VmsaOverride> parse_vmsa_override(std::string_view text);

/// Puts values into the states of a launch; of two values for one field the later counts.
void apply_overrides(std::span<const VmsaOverride> overrides, CpuStates& states);

}  // namespace hallmark::snp
