// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/svsm_launch.hpp"

#include <optional>

namespace hallmark::snp {
namespace {

constexpr Segment flat(std::uint16_t selector, std::uint16_t attributes) {
    return {.selector = selector, .attributes = attributes, .limit = 0xffffffffU, .base = {}};
}

}  // namespace

CpuStates svsm_states(const ovmf::SvsmFirmware& svsm, std::uint32_t signature, std::uint64_t features) {
    // Beyond what QEMU's CPUs have at reset: protected mode with flat segments, GS as it was.
    Vmsa state = initial_state(kQemu, CpuRole::kBoot, kQemu.boot_cpu_start, signature, features);
    state.es = state.ss = state.ds = state.fs = flat(0x10, 0xc93);
    state.cs = flat(0x8, 0xc9b);
    state.cr0 = 0x11U;
    state.rip = svsm.start;
    return {state, state};
}

Sha384 predict_svsm(ByteSpan ovmf_image, ByteSpan svsm_image, const ovmf::SvsmFirmware& svsm, const CpuStates& states,
                    std::uint32_t vcpus, Trace* trace) {
    LaunchDigest digest({}, trace);
    add_firmware(digest, ovmf_image);
    digest.part("SVSM");
    for (std::size_t offset = 0; offset < svsm_image.size(); offset += kPageSize)
        digest.normal_page(svsm.gpa + offset, PageSpan(svsm_image.subspan(offset, kPageSize)));
    add_sections(digest, svsm.sections, std::nullopt);
    add_cpus(digest, kQemu, states, vcpus);
    return digest.value();
}

}  // namespace hallmark::snp
