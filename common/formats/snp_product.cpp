// SPDX-License-Identifier: Apache-2.0
#include "common/formats/snp_product.hpp"

#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

constexpr std::uint32_t kFirstWithCpuid = 3;  // the version of reports that tell family and model
constexpr std::size_t kTurinChipIdSize = 8;
constexpr unsigned kZen3Family = 0x19;  // the first with SNP

}  // namespace

std::string_view name_of(ProductLine line) {
    switch (line) {
        case ProductLine::kMilan:
            return "Milan";
        case ProductLine::kGenoa:
            return "Genoa";
        case ProductLine::kTurin:
            return "Turin";
    }
    return "?";
}

std::optional<ProductLine> product_line(unsigned family, unsigned model) {
    if (family == kZen3Family && model < 0x10) return ProductLine::kMilan;
    if (family == kZen3Family && (model < 0x20 || (model >= 0xa0 && model < 0xb0))) return ProductLine::kGenoa;
    if (family == 0x1a && model < 0x12) return ProductLine::kTurin;
    return std::nullopt;
}

Result<TcbLayout> tcb_layout(const AttestationReport& report) {
    if (report.version < kFirstWithCpuid) {
        const ByteSpan id = report.chip_id;
        const bool turin = !all_zero(id) && all_zero(id.subspan(kTurinChipIdSize));
        return turin ? TcbLayout::kTurin : TcbLayout::kMilan;
    }
    // Older CPUs don't have SNP: a simulated platform plays them by a Milan.
    if (report.cpuid_family < kZen3Family) return TcbLayout::kMilan;
    const auto line = product_line(report.cpuid_family, report.cpuid_model);
    if (!line)
        return bad_input("SNP report: family " + hex_number(report.cpuid_family) + " model " +
                         hex_number(report.cpuid_model) + ", expected a Milan, Genoa or Turin");
    return tcb_layout(*line);
}

}  // namespace hallmark::snp
