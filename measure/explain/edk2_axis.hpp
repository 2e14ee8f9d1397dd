// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "measure/explain/dimension.hpp"

namespace hallmark::explain {

/// The releases of edk2, one for each set of events that they measure; nothing is the release that was found out.
Axis<std::optional<std::string>> edk2_axis(const std::optional<std::string>& given);

}  // namespace hallmark::explain
