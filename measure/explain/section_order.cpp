// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/section_order.hpp"

#include <algorithm>

namespace hallmark::explain {

using ovmf::SevSection;
using ovmf::SevSectionType;

void put_in_order(std::vector<SevSection>& sections, SectionOrder order) {
    switch (order) {
        case SectionOrder::kAsInImage:
            return;
        case SectionOrder::kByAddress:
            std::ranges::stable_sort(sections, {}, &SevSection::gpa);
            return;
        case SectionOrder::kByType:
            std::ranges::stable_sort(sections, {}, &SevSection::type);
            return;
        case SectionOrder::kCpuidLast:
            std::ranges::stable_partition(
                sections, [](const SevSection& section) { return section.type != SevSectionType::kCpuid; });
            return;
        case SectionOrder::kNoCallingArea:
            std::erase_if(sections,
                          [](const SevSection& section) { return section.type == SevSectionType::kSvsmCallingArea; });
            return;
        case SectionOrder::kNoKernelHashes:
            std::erase_if(sections,
                          [](const SevSection& section) { return section.type == SevSectionType::kKernelHashes; });
            return;
    }
}

}  // namespace hallmark::explain
