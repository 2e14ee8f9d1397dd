// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agent/events/registers.hpp"
#include "agent/evidence/runtime_events.hpp"
#include "agent/evidence/source.hpp"

namespace hallmark::guest {

/// Evidence of a security processor, real or simulated. A simulated one has the name of the TEE that it plays: what it
/// is worth is the verifier's to say.
class PlatformEvidence final : public EvidenceSource {
public:
    /// Asks for one report, which tells what TEE this is and what its launch was bound to. `firmware_log` is the file
    /// of the ACPI table's CCEL data, which the guest of a real TDX has.
    static Result<std::unique_ptr<PlatformEvidence>> open(std::unique_ptr<Attester> attester, std::string firmware_log);

    /// The registers that this guest can extend, which a quote shows; null where its TEE has none. This outlives them.
    [[nodiscard]] std::unique_ptr<events::Registers> registers();
    /// What quotes come with from now on; outlives this. Before any thread asks for evidence.
    void log(RuntimeEvents& events) { events_ = &events; }

    [[nodiscard]] std::string_view tee() const override;
    [[nodiscard]] std::string name() const override { return attester_->name(); }
    Result<Json> evidence(ByteSpan data) override;
    Status check_init_data(ByteSpan digest) override;

private:
    class QuotedRegisters;
    PlatformEvidence(std::unique_ptr<Attester> attester, std::string firmware_log)
        : attester_(std::move(attester)), firmware_log_(std::move(firmware_log)) {}
    Result<guest_port::Evidence> attest(const ReportData& data);
    Result<Json> snp_json(const guest_port::Evidence& evidence) const;
    Result<Json> tdx_json(guest_port::Evidence evidence, ByteSpan entries) const;

    std::unique_ptr<Attester> attester_;
    std::string firmware_log_;
    RuntimeEvents* events_ = nullptr;
    std::mutex mutex_;  // one report at a time: the simulated processor has one port
    guest_port::Kind kind_{};
    Bytes bound_;  // HOSTDATA or MRCONFIGID
};

/// The event log that goes with a quote: the firmware's up to its end (without one, a log that has only its first
/// record), the runtime events, and eight bytes 0xff. Nothing where neither has any. Source: Confidential Containers,
/// guest-components, attestation-agent/attester/src/tdx, revision 8246e5e.
Result<std::optional<Bytes>> compose_event_log(ByteSpan firmware_log, ByteSpan runtime_events);

}  // namespace hallmark::guest
