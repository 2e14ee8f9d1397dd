// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/cpu_pages.hpp"

#include <algorithm>
#include <cstdint>

#include "measure/snp/launch_digest.hpp"

namespace hallmark::explain {

CpuPages pages_of(const snp::CpuStates& states) {
    return {sha384(as_bytes(states.boot_cpu)), sha384(as_bytes(states.application_cpu))};
}

std::vector<std::size_t> counts_that_give(const Sha384& expected, const LaunchAxes& axes, const Candidate& candidate,
                                          const Sha384& memory, const CpuPages& pages) {
    const auto gpa = axes.profile_of(candidate).vmsa_gpa;
    const auto given = axes.vcpus.at(0);
    const auto most = candidate.whole_run ? std::max(given, kMostTriedVcpus) : given;
    snp::LaunchDigest digest(memory);
    std::vector<std::size_t> choices;
    for (std::uint32_t count = 1; count <= most; ++count) {
        digest.vmsa_page(gpa, count == 1 ? pages.boot_cpu : pages.application_cpu);
        const bool asked = count == given || (candidate.whole_run && count <= kMostTriedVcpus);
        if (asked && digest.value() == expected) choices.push_back(axes.choice_of(count));
    }
    return choices;
}

}  // namespace hallmark::explain
