// SPDX-License-Identifier: Apache-2.0
#include "boot/run/stuck.hpp"

namespace hallmark::boot {

Result<bool> StuckDetector::add(const Registers& cpu, std::uint64_t heard, std::chrono::milliseconds busy) {
    Place place{.heard = heard};
    HALLMARK_TRY(place.pointer, cpu.general("IP"));
    HALLMARK_TRY(place.counter, cpu.general("CX"));
    HALLMARK_TRY(place.destination, cpu.general("DI"));
    HALLMARK_TRY(const auto halted, cpu.value("HLT"));
    if (halted != 0) {
        place_.reset();
        return false;
    }
    if (place_ != place) {
        place_ = place;
        since_ = busy;
    }
    return busy - since_ >= kBusyInPlace;
}

}  // namespace hallmark::boot
