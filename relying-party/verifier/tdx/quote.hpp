// SPDX-License-Identifier: Apache-2.0
// Whether a TDX quote is what a platform under a trusted root says to this challenge. What Intel publishes of platforms
// (TCB, identity of the quoting enclave, revocation) is not looked at here; verify.hpp does.
// Source: Intel "TDX DCAP: Quote Generation Library and Quote Verification Library", revision 0.9, appendix A.3 and
// A.4.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>

#include "common/bytes.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/openssl.hpp"
#include "common/result.hpp"

namespace hallmark::verifier {

/// The certificates that a quote carries.
struct QuoteChain {
    openssl::Certificate pck;        ///< of the key that certifies quoting enclaves
    openssl::Certificate authority;  ///< Platform CA or Processor CA
    openssl::Certificate root;       ///< nullptr where the quote leaves it out
};
Result<QuoteChain> read_quote_chain(const tdx::Quote& quote);

/// ECDSA with SHA-256, as all certificates of Intel's ("PCK Certificate and CRL Profile", section 1.3.5).
Status check_certificate_algorithm(X509& certificate);

/// That the PCK certificate was signed by the CA and the CA by this root, all valid at that time (now where none is
/// given).
Status verify_quote_chain(const QuoteChain& chain, X509& root, std::optional<std::time_t> at);

/// That the PCK signed the quoting enclave's report, which names the attestation key that signed the quote.
Status verify_quote_signatures(const tdx::Quote& quote, const X509& pck);

/// Authenticity: the PCK chain leads to the trusted root (DER) and is valid at that time (now where none is given); its
/// leaf signed the quoting enclave's report, which names the attestation key that signed the quote.
Status verify_quote(const tdx::Quote& quote, ByteSpan trusted_root, std::optional<std::time_t> at = std::nullopt);

/// What the challenger knows and the quote must repeat.
struct ExpectedTd {
    std::array<std::uint8_t, 64> report_data{};
    tdx::Measurement mr_config_id{};
};

/// Policy: fresh, without debugging, launched as expected. The measurements are the caller's to compare.
Status appraise_quote(const tdx::Quote& quote, const ExpectedTd& expected);

/// Bytes, authenticity and policy in that order; returns the quote, which borrows from the bytes.
Result<tdx::Quote> prove_quote(ByteSpan bytes, ByteSpan trusted_root, const ExpectedTd& expected,
                               std::optional<std::time_t> at = std::nullopt);

}  // namespace hallmark::verifier
