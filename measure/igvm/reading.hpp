// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/igvm/file.hpp"

namespace hallmark::igvm {

/// Another tool that prints a digest of this file which isn't that of the specification.
struct OtherReading {
    std::string tool;
    std::optional<Sha384> digest;      ///< nothing where the tool refuses the file
    std::vector<std::string> reasons;  ///< what it does otherwise
};

/// What to do with a header of unknown type that may not be passed over: a loader that doesn't know it must refuse the
/// file, one that does may add pages for it.
enum class Unknown { kRefuse, kPassOver };

/// Says what was passed over, or refuses.
Result<std::string> judge_unknown(const File& file, const Header& header, Unknown unknown);

/// Neither platform measures another page size or architecture.
Status check_4k_x64(const File& file);

}  // namespace hallmark::igvm
