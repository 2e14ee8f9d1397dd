// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "common/formats/snp_tcb.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark::boot {

/// A line of processors as the simulated platform plays it.
struct Product {
    std::string_view line;  ///< "Milan"
    std::string_view name;  ///< as the VCEK's extension has it
    snp::TcbLayout layout = snp::TcbLayout::kMilan;
    snp::TcbParts tcb;  ///< plausible, of no real machine

    [[nodiscard]] snp::TcbVersion tcb_version() const { return snp::encode_tcb(tcb, layout); }
};

/// Family, model and stepping out of CPUID Fn0000_0001 EAX (APM volume 3, appendix E.3).
snp::CpuModel cpu_model(std::uint32_t signature);

/// The product with that CPU. CPUs older than SNP (QEMU's EPYC and EPYC-Rome) are played by a Milan, the oldest
/// product that starts such guests.
const Product& product_of(snp::CpuModel model);

}  // namespace hallmark::boot
