// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "measure/ovmf/sev_metadata.hpp"

namespace hallmark::explain {

/// In which order, and which, of the sections that a firmware asks for are added.
enum class SectionOrder { kAsInImage, kByAddress, kByType, kCpuidLast, kNoCallingArea, kNoKernelHashes };

void put_in_order(std::vector<ovmf::SevSection>& sections, SectionOrder order);

}  // namespace hallmark::explain
