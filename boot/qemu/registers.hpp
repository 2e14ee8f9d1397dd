// SPDX-License-Identifier: Apache-2.0
// Source: QEMU 11.1, target/i386/cpu-dump.c: what "info registers -a" prints for each CPU in 16-, 32- or 64-bit mode.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace hallmark::boot {

/// A segment register as QEMU keeps it: `flags` is the upper half of the descriptor.
struct Segment {
    std::uint16_t selector = 0;
    std::uint64_t base = 0;
    std::uint32_t limit = 0;
    std::uint32_t flags = 0;
};

/// One CPU's registers, by the name under which QEMU prints them ("EDX", "CR0", "MXCSR", …).
class Registers {
public:
    /// The value of a register; a name that was not printed is an error.
    Result<std::uint64_t> value(std::string_view name) const;
    /// A segment ("ES", "CS", "SS", "DS", "FS", "GS", "LDT", "TR") or table ("GDT", "IDT") register.
    Result<Segment> segment(std::string_view name) const;
    /// A general register by the end of its name ("AX", "IP", "FL"): "E…", or "R…" where the CPU is in 64-bit mode.
    Result<std::uint64_t> general(std::string_view end) const;
    /// Every name, for tests and for the check that nothing is left unread.
    [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& all() const { return values_; }

    void set(std::string name, std::uint64_t value) { values_.insert_or_assign(std::move(name), value); }
    void set(std::string name, Segment segment) { segments_.insert_or_assign(std::move(name), segment); }

private:
    std::map<std::string, std::uint64_t, std::less<>> values_;
    std::map<std::string, Segment, std::less<>> segments_;
};

/// Reads the answer of "info registers -a": every CPU in order, from CPU#0 on.
Result<std::vector<Registers>> parse_registers(std::string_view text);

}  // namespace hallmark::boot
