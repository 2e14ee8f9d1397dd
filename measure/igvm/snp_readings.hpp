// SPDX-License-Identifier: Apache-2.0
// How the specification and two tools that are in use read the same file, as data. They differ; a user who holds
// another tool's digest wants to know why. Source: the tools' code: microsoft/igvm, igvm/src/measurement/snp.rs,
// revision 6b327b2; coconut-svsm/svsm, tools/igvmmeasure/src/igvm_measure.rs, revision 0490f27.
#pragma once

#include <array>

namespace hallmark::igvm {

struct SnpReading {
    const char* tool;
    bool needs_policy;        ///< refuses a file without a guest policy for SNP
    bool whole_areas;         ///< measures every page of a parameter area, not its first alone
    bool shared_is_measured;  ///< measures pages that are shared with the host
    bool any_context;         ///< measures VP contexts of other platforms too
    bool large_pages;         ///< takes a page of 2 MiB for 512 pages; else for its first 4 KiB
    bool large_data;          ///< can read a page of 2 MiB that has data
};

/// "The parameter area is imported as a set of unmeasured pages"; shared pages "are not part of the launch
/// measurement"; headers with another compatibility mask are not loaded.
constexpr SnpReading kSpecification{
    .tool = "specification",
    .needs_policy = false,
    .whole_areas = true,
    .shared_is_measured = false,
    .any_context = false,
    .large_pages = true,
    .large_data = true,
};

constexpr std::array kOtherTools = {
    SnpReading{
        .tool = "igvmmeasure",
        .needs_policy = false,
        .whole_areas = false,
        .shared_is_measured = true,
        .any_context = true,
        .large_pages = true,
        .large_data = false,
    },
    SnpReading{
        .tool = "microsoft/igvm",
        .needs_policy = true,
        .whole_areas = true,
        .shared_is_measured = false,
        .any_context = false,
        .large_pages = false,
        .large_data = true,
    },
};

}  // namespace hallmark::igvm
