// SPDX-License-Identifier: Apache-2.0
// MRTD as a register: what the TDX module hashes for every page while a trust domain is built.
// Source: Intel "TDX Module Base Architecture Specification", 348549-005, section 12.2.1 (MRTD); "TDX Module ABI
// Reference Specification", 348551-004, TDH.MEM.PAGE.ADD and TDH.MR.EXTEND.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/digest.hpp"
#include "common/endian.hpp"

namespace hallmark::tdx {

/// "Bytes 0 through 11 contain the ASCII string", 16 to 23 the guest physical address, all other bytes are 0.
struct MrtdRecord {
    std::array<std::uint8_t, 16> name{};          // 00
    Le64 gpa;                                     // 10
    std::array<std::uint8_t, 104> reserved_18{};  // 18
};
static_assert(sizeof(MrtdRecord) == 128 && alignof(MrtdRecord) == 1);
static_assert(offsetof(MrtdRecord, gpa) == 0x10 && offsetof(MrtdRecord, reserved_18) == 0x18);

class MrtdRegister {
public:
    static constexpr std::size_t kPageSize = 4096;

    /// TDH.MEM.PAGE.ADD: a page comes to the domain; only its address goes in.
    void add(std::uint64_t gpa);
    /// TDH.MR.EXTEND, sixteen times: its content, in chunks of 256 bytes.
    void extend(std::uint64_t gpa, std::span<const std::uint8_t, kPageSize> content);
    /// The value if the domain were finished now.
    [[nodiscard]] Sha384 value() const { return hasher_.so_far(); }

private:
    void record(std::string_view name, std::uint64_t gpa);

    Hasher<Sha384> hasher_;
};

}  // namespace hallmark::tdx
