// SPDX-License-Identifier: Apache-2.0
// TCB_VERSION: eight bytes whose meaning depends on the product.
// Source: AMD publication 56860, revision 1.58, section 2.2, tables "TCB_VERSION Structure" (families 19h and 1Ah).
#pragma once

#include <cstdint>

#include "common/formats/snp_report.hpp"

namespace hallmark::snp {

struct TcbParts {
    std::uint8_t fmc = 0;  // Turin only
    std::uint8_t boot_loader = 0;
    std::uint8_t tee = 0;
    std::uint8_t snp = 0;
    std::uint8_t microcode = 0;

    bool operator==(const TcbParts&) const = default;
};

enum class TcbLayout {
    kMilan,  ///< {boot loader, TEE, 0, 0, 0, 0, SNP, microcode}: Milan, Genoa and their kin
    kTurin,  ///< {FMC, boot loader, TEE, SNP, 0, 0, 0, microcode}
};

constexpr TcbVersion encode_tcb(const TcbParts& parts, TcbLayout layout) {
    if (layout == TcbLayout::kTurin)
        return {parts.fmc, parts.boot_loader, parts.tee, parts.snp, 0, 0, 0, parts.microcode};
    return {parts.boot_loader, parts.tee, 0, 0, 0, 0, parts.snp, parts.microcode};
}

constexpr TcbParts decode_tcb(const TcbVersion& tcb, TcbLayout layout) {
    if (layout == TcbLayout::kTurin)
        return {.fmc = tcb[0], .boot_loader = tcb[1], .tee = tcb[2], .snp = tcb[3], .microcode = tcb[7]};
    return {.fmc = 0, .boot_loader = tcb[0], .tee = tcb[1], .snp = tcb[6], .microcode = tcb[7]};
}

}  // namespace hallmark::snp
