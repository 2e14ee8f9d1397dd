// SPDX-License-Identifier: Apache-2.0
// The variables that a firmware image ships, Secure Boot's keys among them.
// Source: UEFI Platform Initialization Specification 1.8, volume 3, section 3.2.1 (firmware volumes); edk2,
// MdeModulePkg/Include/Guid/VariableFormat.h, edk2-stable202502.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/guid.hpp"
#include "common/result.hpp"

namespace hallmark::ovmf {

struct StoredVariable {
    Guid vendor;
    std::string name;  ///< its ASCII
    ByteSpan data;     ///< borrowed from the volume
};

/// The variables that count, in the order of the store: those that were deleted or not finished are left out. `what`
/// names the volume in errors.
Result<std::vector<StoredVariable>> parse_variable_store(ByteSpan volume, const std::string& what);

/// One by its name; nullptr where there is none.
const StoredVariable* find_variable(const std::vector<StoredVariable>& variables, const Guid& vendor,
                                    std::string_view name);

}  // namespace hallmark::ovmf
