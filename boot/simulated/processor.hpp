// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "boot/simulated/chain.hpp"
#include "common/digest.hpp"
#include "common/formats/guest_port.hpp"
#include "common/formats/snp_report.hpp"

namespace hallmark::boot {

/// What a launch fixes for the life of a guest.
struct LaunchFacts {
    Sha384 measurement{};
    std::uint32_t cpu_signature = 0;  ///< CPUID Fn0000_0001 EAX
    std::uint64_t policy = snp::kPolicySmtAllowed | snp::kPolicyReservedMustBeOne;
    std::array<std::uint8_t, 32> host_data{};
};

/// Plays the security processor of one guest: answers its requests with signed reports.
class SimulatedProcessor {
public:
    static Result<SimulatedProcessor> make(const SimulatedChain& chain, const LaunchFacts& facts);

    /// The answer to a frame from the tee port: a report with its certificates, or a failure that says why not.
    Result<guest_port::Frame> answer(const guest_port::Frame& request) const;

    /// A signed report over the caller's data.
    Result<snp::AttestationReport> report(const std::array<std::uint8_t, 64>& report_data, std::uint32_t vmpl) const;
    /// VCEK, ASK and ARK as a certificate table.
    [[nodiscard]] const Bytes& certificates() const { return certificates_; }

private:
    snp::AttestationReport unsigned_;  // all that does not depend on the request
    openssl::Key key_;
    Bytes certificates_;
};

}  // namespace hallmark::boot
