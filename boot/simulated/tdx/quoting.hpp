// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "boot/simulated/tdx/chain.hpp"
#include "common/bytes.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/formats/tdx_report.hpp"

namespace hallmark::boot {

/// Version 4 has the body of TDX 1.0, version 5 here that of TDX 1.5.
enum class QuoteVersion : std::uint16_t { kV4 = 4, kV5 = 5 };

/// Plays the quoting enclave: an attestation key of its own, certified by the platform's PCK.
class QuotingEnclave {
public:
    static Result<QuotingEnclave> make(const TdxChain& chain);

    Result<Bytes> quote(const tdx::TdReport& report, QuoteVersion version) const;

private:
    openssl::Key attestation_key_;
    tdx::P256Pair attestation_point_{};
    tdx::EnclaveReport report_;
    tdx::P256Pair report_signature_{};
    Bytes certificates_;
};

}  // namespace hallmark::boot
