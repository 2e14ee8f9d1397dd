// SPDX-License-Identifier: Apache-2.0
// Evidence in a file, told by its content: as the KBS protocol carries it, or as the platform wrote it.
// Source: confidential-containers/trustee, KBS protocol 0.4.0 (evidence of the TEEs "snp" and "tdx"); AMD publication
// 56860, revision 1.58, section 7.3 (report); Intel "TDX DCAP: Quote Generation Library and Quote Verification
// Library", revision 0.9, appendix A.3 (quote).
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "common/bytes.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/tdx_evidence.hpp"
#include "common/result.hpp"

namespace hallmark::verifier {

/// Larger files are not read, in bytes: an event log of 4 MiB in base64, and a quote.
constexpr std::size_t kLargestEvidence = std::size_t{6} * 1024 * 1024;

using Evidence = std::variant<snp::Evidence, tdx::Evidence>;

/// A JSON object is the protocol's form of either TEE; 1184 bytes are a report of SEV-SNP; what begins with the header
/// of a quote for TDX is one. Reports and quotes are not looked into further: that they are none is for verification to
/// say. `what` names the file in errors.
Result<Evidence> read_evidence(ByteSpan bytes, const std::string& what);

}  // namespace hallmark::verifier
