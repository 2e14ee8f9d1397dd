// SPDX-License-Identifier: Apache-2.0
// The last part of every SEV-SNP launch: the chain over its CPUs, which passes every number of them on its way.
#pragma once

#include <cstddef>
#include <vector>

#include "common/digest.hpp"
#include "measure/explain/launch_axes.hpp"
#include "measure/explain/search.hpp"
#include "measure/snp/launch.hpp"

namespace hallmark::explain {

/// The digests of the pages of a boot CPU and of the others.
struct CpuPages {
    Sha384 boot_cpu{};
    Sha384 application_cpu{};
};

CpuPages pages_of(const snp::CpuStates& states);

/// The choices of the run for which the chain from `memory`, the digest after guest memory, has the expected value.
std::vector<std::size_t> counts_that_give(const Sha384& expected, const LaunchAxes& axes, const Candidate& candidate,
                                          const Sha384& memory, const CpuPages& pages);

}  // namespace hallmark::explain
