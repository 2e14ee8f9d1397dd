// SPDX-License-Identifier: Apache-2.0
#include "boot/boot.hpp"

#include "boot/flags/boot.hpp"
#include "boot/simulated/boot.hpp"
#include "boot/simulated/tdx/boot.hpp"

namespace hallmark::boot {

Result<Outcome> boot(const Request& request, Journal& journal) {
    switch (request.tee) {
        case Tee::kSimulatedSnp:
            return boot_simulated(request, journal);
        case Tee::kSimulatedTdx:
            return boot_simulated_tdx(request, journal);
        case Tee::kSnp:
        case Tee::kTdx:
            return boot_hardware(request, journal);
    }
    return bad_input("--tee: unknown");
}

}  // namespace hallmark::boot
