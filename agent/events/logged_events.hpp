// SPDX-License-Identifier: Apache-2.0
// The guest's runtime event log: TDX extends a register with each event; SNP has none, so there the log is kept, and
// can be bound into a report's data.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "agent/events/event.hpp"
#include "agent/events/journal.hpp"
#include "agent/events/registers.hpp"
#include "agent/evidence/runtime_events.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::events {

inline constexpr std::uint64_t kDefaultPcr = 17;

struct Place {
    std::string folder = "/run/attestation-agent";
    std::uint64_t pcr = kDefaultPcr;  ///< what events go to that name none
    bool bind_report_data = false;    ///< where there are no registers: see bind_entries()
};

class LoggedEvents final : public guest::RuntimeEvents {
public:
    /// Begins the log with the value that its register holds, or goes on with the one that is there, which must then
    /// replay to the register. `registers` null: no such registers.
    static Result<std::unique_ptr<LoggedEvents>> open(const Place& place, std::unique_ptr<Registers> registers);

    /// May be called from several threads, as all of these.
    Result<guest::Extended> extend(const guest::RuntimeEvent& event) override;
    Status with_entries(const std::function<Status(ByteSpan entries)>& take) override;
    [[nodiscard]] bool binds_report_data() const override { return !registers_ && place_.bind_report_data; }

private:
    LoggedEvents(Place place, std::unique_ptr<Registers> registers, Journal journal)
        : place_(std::move(place)),
          registers_(std::move(registers)),
          journal_(std::move(journal)),
          register_index_(register_of_pcr(place_.pcr)) {}
    Status begin_or_check();

    std::mutex mutex_;
    Place place_;
    std::unique_ptr<Registers> registers_;
    Journal journal_;
    std::uint32_t register_index_;
};

/// Report data to which the runtime log is bound, for platforms without a register:
/// SHA-512("hallmark runtime events" ‖ 0x00 ‖ report data, 64 bytes ‖ SHA-384(records)).
[[nodiscard]] std::array<std::uint8_t, 64> bind_entries(const std::array<std::uint8_t, 64>& report_data,
                                                        ByteSpan entries);

}  // namespace hallmark::events
