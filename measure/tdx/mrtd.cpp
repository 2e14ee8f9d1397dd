// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/mrtd.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "measure/ovmf/layout.hpp"

namespace hallmark::tdx {
namespace {

using ovmf::kPageSize;
using ovmf::TdxSection;
using Page = std::array<std::uint8_t, kPageSize>;

constexpr std::size_t kChunk = 256;  // what one TDH.MR.EXTEND measures

/// "Bytes 0 through 11 contain the ASCII string", 16 to 23 the guest physical address, all other bytes are 0.
struct Record {
    std::array<std::uint8_t, 16> name{};           // 00
    Le64 gpa;                                      // 10
    std::array<std::uint8_t, 104> reserved_018{};  // 18
};
static_assert(sizeof(Record) == 128 && offsetof(Record, gpa) == 16 && offsetof(Record, reserved_018) == 24);

/// The register while the domain is built: one SHA-384 over all records.
class Register {
public:
    void add(std::uint64_t gpa) { record("MEM.PAGE.ADD", gpa); }

    /// Sixteen chunks, each behind its record.
    void extend(std::uint64_t gpa, const Page& page) {
        for (std::size_t at = 0; at < kPageSize; at += kChunk) {
            record("MR.EXTEND", gpa + at);
            hasher_.update(ByteSpan(page).subspan(at, kChunk));
        }
    }

    /// Bytes hashed so far are kept; a trace asks for the value in between.
    [[nodiscard]] Sha384 value() const { return hasher_.so_far(); }

private:
    void record(std::string_view name, std::uint64_t gpa) {
        Record record;
        std::ranges::copy(name, record.name.begin());
        record.gpa = gpa;
        hasher_.update(as_bytes(record));
    }

    Hasher<Sha384> hasher_;
};

/// The page at `at` of the section: its bytes of the image, zero behind them.
Page page_of(ByteSpan data, std::uint64_t at) {
    Page page{};
    if (at < data.size()) {
        const auto part = data.subspan(at, std::min<std::size_t>(kPageSize, data.size() - at));
        std::ranges::copy(part, page.begin());
    }
    return page;
}

void measure_section(Register& value, ByteSpan data, const TdxSection& section, PageOrder order) {
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
    Register value;
    for (const auto& section : sections) {
        if ((section.attributes & ovmf::kAddedLater) != 0) continue;
        const auto data = section.type == ovmf::TdxSectionType::kTdInfo ? ByteSpan{} : section.data(image);
        measure_section(value, data, section, order);
        if (trace != nullptr) trace->push_back(step(section, data, value.value()));
    }
    return value.value();
}

}  // namespace hallmark::tdx
