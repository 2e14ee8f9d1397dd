// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/digest.hpp"
#include "common/formats/guest_port.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// 64 bytes of the challenger's choice, to be found in the evidence.
using ReportData = std::array<std::uint8_t, 64>;

/// What can prove this guest: the RATS attester (RFC 9334) of one platform.
class Attester {
public:
    virtual ~Attester() = default;

    /// One word for people: "simulated", "configfs-tsm:sev_guest".
    [[nodiscard]] virtual std::string name() const = 0;

    /// Fresh evidence over `report_data`. The content is the verifier's to judge.
    virtual Result<guest_port::Evidence> attest(const ReportData& report_data) = 0;

    /// Extends the guest's own register, RTMR3 of TDX. Refused by all but the simulated platform: what asks is the
    /// host, which has no business in the registers of a real guest.
    virtual Status extend(const Sha384&) { return refused(name() + ": no register is extended on request"); }
};

}  // namespace hallmark::guest
