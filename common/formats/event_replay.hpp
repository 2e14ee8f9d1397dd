// SPDX-License-Identifier: Apache-2.0
// What the registers hold once everything in an event log was extended into them: the log proves nothing by itself, but
// a log that replays to the values that a TPM or a quote vouches for is what was measured.
// Source: TCG TPM 2.0 Library, part 1, section 17 (PCR operations); TCG PC Client Platform Firmware Profile 1.06,
// section 10.4.5.3 (StartupLocality); Intel TDX Module Base Architecture, "Run-Time Extendable Measurement Registers".
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/bytes.hpp"
#include "common/formats/event_log.hpp"
#include "common/result.hpp"

namespace hallmark::event_log {

/// Register to its value, only for those that something was extended into.
using Registers = std::map<std::uint32_t, Bytes>;

/// H(value ‖ digest) of the algorithm: SHA-1, SHA-256, SHA-384 or SHA-512. Both have its size.
Result<Bytes> extend(Algorithm algorithm, ByteSpan value, ByteSpan digest);

/// The registers of one bank. An event without a digest for this bank is an error: its registers would be wrong.
Result<Registers> replay(const EventLog& log, Algorithm algorithm, const std::string& what);

}  // namespace hallmark::event_log
