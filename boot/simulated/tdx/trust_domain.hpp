// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "boot/simulated/attack.hpp"
#include "boot/simulated/tdx/quoting.hpp"
#include "boot/simulated/tdx/registers.hpp"
#include "boot/simulated/tdx/td_report.hpp"
#include "common/formats/guest_port.hpp"

namespace hallmark::boot {

/// Plays the TDX module, the quoting enclave and the table CCEL for one guest that has booted: answers its requests
/// with quotes and its firmware's event log, and extends RTMR3 for it. What it extends there, the guest logs itself.
class TrustDomain {
public:
    /// `extensions` is what was measured into RTMR0 to RTMR2 while it booted, in its order. Only the attack on the log
    /// that a guest is given is mounted here.
    static Result<TrustDomain> make(const TdxChain& chain, const tdx::Measurement& mr_td,
                                    const tdx::Measurement& mr_config_id, std::vector<Extension> extensions,
                                    Attack attack);

    /// The answer to a frame from the tee port, or a failure that says why there is none.
    Result<guest_port::Frame> answer(const guest_port::Frame& request);

    /// The version of the quotes from now on; on a real platform its owner's choice too.
    void quote_as(QuoteVersion version) { version_ = version; }

    /// What the module holds now.
    [[nodiscard]] TdFacts facts() const;

private:
    TrustDomain(QuotingEnclave enclave, std::vector<Extension> extensions)
        : enclave_(std::move(enclave)), extensions_(std::move(extensions)) {}

    Result<guest_port::Frame> attested(const guest_port::Frame& request) const;
    guest_port::Frame extended(const guest_port::Frame& request);

    QuotingEnclave enclave_;
    std::vector<Extension> extensions_;
    tdx::Measurement mr_td_{};
    tdx::Measurement mr_config_id_{};
    tdx::Measurement rtmr3_{};
    Attack attack_ = Attack::kNone;
    QuoteVersion version_ = QuoteVersion::kV4;
};

}  // namespace hallmark::boot
