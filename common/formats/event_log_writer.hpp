// SPDX-License-Identifier: Apache-2.0
// The event log of a confidential guest, which the ACPI table CCEL names, as OVMF writes it: one bank, SHA-384.
// Source: as common/formats/event_log.hpp; edk2, OvmfPkg/Tcg/TdTcg2Dxe, edk2-stable202411, for the first record.
#pragma once

#include <cstdint>
#include <span>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/formats/event_log.hpp"

namespace hallmark::event_log {

/// One record to be written.
struct Record {
    std::uint32_t register_index = 0;  ///< 0 is MRTD, n + 1 is RTMRn
    EventType type{};
    Sha384 digest{};
    Bytes data{};
};

/// The log, without filling behind it.
Bytes encode_guest_log(std::span<const Record> records);

/// One record alone, as it stands in such a log behind the first.
Bytes encode_record(const Record& record);

}  // namespace hallmark::event_log
