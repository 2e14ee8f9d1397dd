// SPDX-License-Identifier: Apache-2.0
// What is extended into the registers of a trust domain while it runs, as predicted: each event, or why it isn't known.
// Source: Intel "TDX Module Base Architecture Specification", 348549-005, section 12.2.2 (RTMR); edk2,
// SecurityPkg/TdTcg2Dxe (TdxMeasurementMapPcrToMrIndex), edk2-stable202502, for which PCR goes where.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/formats/event_log.hpp"
#include "common/result.hpp"
#include "measure/trace.hpp"

namespace hallmark::tdx {

enum class Register : std::uint8_t {
    kRtmr0,  ///< the platform and its configuration; PCR 1 and 7 of a TPM
    kRtmr1,  ///< what the firmware starts; PCR 2 to 6
    kRtmr2,  ///< what that starts; PCR 8 to 15
    kRtmr3,  ///< left to the guest
};
constexpr std::size_t kRegisters = 4;

/// "rtmr0"
[[nodiscard]] std::string_view name_of(Register where);

struct Event {
    Register where{};
    event_log::EventType type{};
    std::string name;              ///< short, to say which is meant: "td_hob"
    std::string what;              ///< what the digest covers
    std::optional<Sha384> digest;  ///< nothing where it isn't predicted
    std::string reason;            ///< why it isn't predicted, or that it was given
};

/// The name of an event to its digest, which someone read from the log of a running guest.
using KnownDigests = std::map<std::string, Sha384>;

/// The events of one boot in the order of the log.
class EventList {
public:
    explicit EventList(KnownDigests known = {}) : known_(std::move(known)) {}
    /// Only the events of one register.
    EventList(KnownDigests known, Register only) : known_(std::move(known)), only_(only) {}

    void add(Register where, event_log::EventType type, std::string name, std::string what, const Sha384& digest);
    /// An event whose digest is that of these bytes.
    void add_data(Register where, event_log::EventType type, std::string name, std::string what, ByteSpan data);
    /// An event that is there but whose digest isn't predicted.
    void add_unknown(Register where, event_log::EventType type, std::string name, std::string what, std::string reason);

    /// Whether events of this register are kept.
    [[nodiscard]] bool takes(Register where) const { return !only_ || *only_ == where; }
    /// An event as it was predicted elsewhere.
    void add_event(Event event);

    [[nodiscard]] const std::vector<Event>& events() const { return events_; }
    /// Every known digest belongs to an event.
    [[nodiscard]] Status all_known_used() const;

private:
    KnownDigests known_;
    std::optional<Register> only_;
    std::vector<Event> events_;
};

/// The value of a register after these events: from zero, SHA-384(value ‖ digest) for each of its own. Nothing where
/// one of them isn't predicted. With a trace: one step for each event.
[[nodiscard]] std::optional<Sha384> replay(const std::vector<Event>& events, Register where, Trace* trace = nullptr);

/// SHA-384 and size of a file, read in blocks.
struct FileSha384 {
    Sha384 digest{};
    std::uint64_t size = 0;
};
Result<FileSha384> sha384_file(const std::string& path);

}  // namespace hallmark::tdx
