// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"

namespace hallmark::registry {

/// The system's certificates and the extra ones, in PEM; empty, which stands for the system's, where there are no extra
/// ones.
Result<std::string> all_roots(const std::vector<std::string>& extra);

}  // namespace hallmark::registry
