// SPDX-License-Identifier: Apache-2.0
// What was seen in place of a prediction: a digest, or the file that has it.
#pragma once

#include <array>
#include <string>
#include <variant>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"

namespace hallmark::explain {

/// As somebody typed or copied it; nothing says of what it is.
struct BareDigest {
    Bytes bytes;  ///< 32 or 48
};
/// Of a report of SEV-SNP.
struct LaunchMeasurement {
    Sha384 digest{};
};
/// Of a TDX quote or TDREPORT.
struct DomainRegisters {
    Sha384 mrtd{};
    std::array<Sha384, 4> rtmr{};
};
/// An event log that parses.
struct LogFile {
    Bytes bytes;
    std::string name;
};
using Expected = std::variant<BareDigest, LaunchMeasurement, DomainRegisters, LogFile>;

/// What --expected names: hexadecimal digits of a SHA-256 or SHA-384, else a file of one of these formats. Nothing of
/// it is verified.
Result<Expected> read_expected(const std::string& text);

}  // namespace hallmark::explain
