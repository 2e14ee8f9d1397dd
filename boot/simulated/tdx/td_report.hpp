// SPDX-License-Identifier: Apache-2.0
// Plays the TDX module of one trust domain: what it says of it to a quoting enclave.
// Source: Intel "TDX Module ABI Reference Specification", 348551-004, TDG.MR.REPORT.
#pragma once

#include <array>
#include <cstdint>

#include "common/formats/tdx_report.hpp"

namespace hallmark::boot {

/// What was measured of a trust domain, and what its owner gave it at launch.
struct TdFacts {
    tdx::Measurement mr_td{};
    tdx::Measurement mr_config_id{};
    std::array<tdx::Measurement, 4> rtmr{};
};

/// Without debugging, of a module and a TCB that no hardware has. The MAC is left zero: only the quoting enclave of the
/// same machine could check it, and that is played here too.
tdx::TdReport td_report(const TdFacts& facts, const std::array<std::uint8_t, 64>& report_data);

}  // namespace hallmark::boot
