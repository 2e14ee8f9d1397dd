// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "boot/run/journal.hpp"
#include "boot/run/request.hpp"
#include "boot/simulated/tdx/td_report.hpp"
#include "common/bytes.hpp"

namespace hallmark::boot {

/// What the simulated platform says of a trust domain to one challenge.
struct TdEvidence {
    std::array<std::uint8_t, 64> challenge{};
    Bytes quote_v4;
    Bytes quote_v5;      ///< with the body of TDX 1.5
    Bytes event_log;     ///< as the ACPI table CCEL would name it
    Bytes trusted_root;  ///< DER: the simulated one, or the one that the request names
};

/// Makes both quotes over a random challenge, under the platform's chain, which is made where it is missing.
Result<TdEvidence> attest(const Request& request, const TdFacts& facts, Bytes event_log, Journal& journal);

/// Writes it for other verifiers: quote-v4.bin, quote-v5.bin, ccel.bin and challenge.bin. The folder is made; no path
/// means that nobody wants it.
Status write_td_evidence(const std::filesystem::path& folder, const TdEvidence& evidence);

/// That both quotes hold under the root, answer the challenge and say these facts. Refused with the first that doesn't.
Status prove_td_evidence(const TdEvidence& evidence, const TdFacts& facts);

}  // namespace hallmark::boot
