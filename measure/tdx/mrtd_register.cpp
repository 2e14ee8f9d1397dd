// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/mrtd_register.hpp"

#include <algorithm>

namespace hallmark::tdx {
namespace {

constexpr std::size_t kChunk = 256;  // what one TDH.MR.EXTEND measures

}  // namespace

void MrtdRegister::record(std::string_view name, std::uint64_t gpa) {
    MrtdRecord record;
    std::ranges::copy(name, record.name.begin());
    record.gpa = gpa;
    hasher_.update(as_bytes(record));
}

void MrtdRegister::add(std::uint64_t gpa) { record("MEM.PAGE.ADD", gpa); }

void MrtdRegister::extend(std::uint64_t gpa, std::span<const std::uint8_t, kPageSize> content) {
    for (std::size_t at = 0; at < kPageSize; at += kChunk) {
        record("MR.EXTEND", gpa + at);
        hasher_.update(content.subspan(at, kChunk));
    }
}

}  // namespace hallmark::tdx
