// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/platform_values.hpp"

#include "boot/simulated/product.hpp"
#include "measure/reference_values/rvps.hpp"

namespace hallmark::boot {

std::string platform_values(std::uint32_t cpu_signature) {
    const auto& tcb = product_of(cpu_model(cpu_signature)).tcb;
    return rvps_message(SnpPlatformValues{.bootloader = {tcb.boot_loader},
                                          .tee = {tcb.tee},
                                          .snp = {tcb.snp},
                                          .microcode = {tcb.microcode},
                                          .smt_enabled = true,
                                          .tsme_enabled = false});
}

}  // namespace hallmark::boot
