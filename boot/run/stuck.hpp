// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "boot/qemu/registers.hpp"

namespace hallmark::boot {

/// Recognises a CPU that runs in place: the firmware's answer to a kernel that is not in its hash table is a loop
/// without a word. Samples are taken some time apart; one alone says nothing.
class StuckDetector {
public:
    /// Adds the first CPU's state. `heard` is anything that grows while the guest speaks; `busy` is the processor time
    /// that QEMU used so far, so that a host without time for the guest doesn't look like a guest that stands still.
    /// True where for kBusyInPlace the CPU did not wait (HLT=0), stayed at one instruction and said nothing.
    Result<bool> add(const Registers& cpu, std::uint64_t heard, std::chrono::milliseconds busy);

    static constexpr std::chrono::milliseconds kBusyInPlace{1500};

private:
    /// What stays the same in a loop in place. A string instruction stays too, but counts.
    struct Place {
        std::uint64_t pointer = 0;
        std::uint64_t counter = 0;
        std::uint64_t destination = 0;
        std::uint64_t heard = 0;
        bool operator==(const Place&) const = default;
    };
    std::optional<Place> place_;
    std::chrono::milliseconds since_{};
};

}  // namespace hallmark::boot
