// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/product.hpp"

namespace hallmark::boot {
namespace {

constexpr Product kMilan{
    "Milan", "Milan-B0", snp::TcbLayout::kMilan, {.fmc = 0, .boot_loader = 4, .tee = 0, .snp = 24, .microcode = 219}};
constexpr Product kGenoa{
    "Genoa", "Genoa-B0", snp::TcbLayout::kMilan, {.fmc = 0, .boot_loader = 10, .tee = 0, .snp = 24, .microcode = 88}};
constexpr Product kTurin{
    "Turin", "Turin-B0", snp::TcbLayout::kTurin, {.fmc = 1, .boot_loader = 1, .tee = 1, .snp = 4, .microcode = 71}};

}  // namespace

snp::CpuModel cpu_model(std::uint32_t signature) {
    const std::uint32_t base = signature >> 8 & 0xf;
    const std::uint32_t model = signature >> 4 & 0xf;
    const bool extended = base == 0xf;
    return {.family = extended ? base + (signature >> 20 & 0xff) : base,
            .model = extended ? (signature >> 16 & 0xf) << 4 | model : model,
            .stepping = signature & 0xf};
}

const Product& product_of(snp::CpuModel model) {
    if (model.family >= 0x1a) return kTurin;
    if (model.family == 0x19 && model.model >= 0x10) return kGenoa;
    return kMilan;
}

}  // namespace hallmark::boot
