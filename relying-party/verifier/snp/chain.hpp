// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <filesystem>
#include <optional>

#include "common/bytes.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// The certificates that came with a report, in DER. None of them is trusted.
struct Endorsements {
    Bytes vcek;
    Bytes ask;
    Bytes ark;  ///< may be missing: it only serves to name another root in the error
};

/// The first certificate of a PEM file, in DER: the root that a caller trusts by naming it.
Result<Bytes> read_root(const std::filesystem::path& path);

/// Reads the table that came with the evidence; VCEK and ASK must be there, once each.
Result<Endorsements> read_endorsements(ByteSpan certificate_table);

/// Checks that the VCEK was signed by the ASK and the ASK by the trusted root (DER), all with RSASSA-PSS and SHA-384
/// and valid at that time (now where none is given), and returns the VCEK. Anything else is refused.
Result<openssl::Certificate> verify_chain(const Endorsements& endorsements, ByteSpan trusted_root,
                                          std::optional<std::time_t> at = std::nullopt);

}  // namespace hallmark::verifier
