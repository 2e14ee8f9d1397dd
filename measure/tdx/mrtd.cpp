// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/mrtd.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/hex.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/tdx/mrtd_register.hpp"

namespace hallmark::tdx {
namespace {

using ovmf::kPageSize;
using ovmf::TdxSection;
using Page = std::array<std::uint8_t, kPageSize>;

/// The page at `at` of the section: its bytes of the image, zero behind them.
Page page_of(ByteSpan data, std::uint64_t at) {
    Page page{};
    if (at < data.size()) {
        const auto part = data.subspan(at, std::min<std::size_t>(kPageSize, data.size() - at));
        std::ranges::copy(part, page.begin());
    }
    return page;
}

void measure_section(MrtdRegister& value, ByteSpan data, const TdxSection& section, PageOrder order) {
    const bool measured = (section.attributes & ovmf::kMeasured) != 0;
    const bool together = measured && order == PageOrder::kSinglePass;
    for (std::uint64_t at = 0; at < section.memory_size; at += kPageSize) {
        value.add(section.gpa + at);
        if (together) value.extend(section.gpa + at, page_of(data, at));
    }
    if (!measured || together) return;
    for (std::uint64_t at = 0; at < section.memory_size; at += kPageSize)
        value.extend(section.gpa + at, page_of(data, at));
}

TraceStep step(const TdxSection& section, ByteSpan data, const Sha384& value) {
    std::string inputs = hex_number(section.memory_size) + " bytes at " + hex_number(section.gpa);
    if ((section.attributes & ovmf::kMeasured) != 0)
        inputs += ", contents measured, SHA-384 in the image " + to_hex(sha384(data));
    else
        inputs += ", addresses only";
    return {"MRTD: section " + std::string(name_of(section.type)), std::move(inputs), to_hex(value)};
}

}  // namespace

Sha384 mrtd(ByteSpan image, const std::vector<TdxSection>& sections, PageOrder order, Trace* trace) {
    MrtdRegister value;
    for (const auto& section : sections) {
        if ((section.attributes & ovmf::kAddedLater) != 0) continue;
        const auto data = section.type == ovmf::TdxSectionType::kTdInfo ? ByteSpan{} : section.data(image);
        measure_section(value, data, section, order);
        if (trace != nullptr) trace->push_back(step(section, data, value.value()));
    }
    return value.value();
}

}  // namespace hallmark::tdx
