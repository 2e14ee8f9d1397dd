// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "measure/pe/pe_file.hpp"

namespace hallmark::inspect {

/// Headers, digests and sections of a PE image, as an object to which formats that are PE images add theirs.
Result<Json> describe_pe(ByteSpan bytes, const pe::PeFile& file, const std::string& what);

}  // namespace hallmark::inspect
