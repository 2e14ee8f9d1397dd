// SPDX-License-Identifier: Apache-2.0
// SEV_FEATURES: what a guest's CPUs have switched on; part of every measured CPU state.
// Source: AMD64 Architecture Programmer's Manual, volume 2, publication 24593, revision 3.42, appendix B, table B-4
// (offset 3b0h) and section 15.36; Linux 6.18, arch/x86/include/asm/svm.h (SVM_SEV_FEAT_*).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::snp {

struct GuestFeature {
    unsigned bit;
    std::string_view name;
};

/// All features that have a name, by bit.
std::span<const GuestFeature> guest_features();

/// Features as a number ("0x21") or as names ("SNPActive,DebugSwap"), whatever the case of the letters.
Result<std::uint64_t> parse_guest_features(std::string_view text);

}  // namespace hallmark::snp
