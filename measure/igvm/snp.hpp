// SPDX-License-Identifier: Apache-2.0
// The SEV-SNP launch digest of an IGVM file.
// Source: microsoft/igvm, crate igvm_defs 0.4.0, revision 0f363b7 (what a loader adds to the guest, and when); AMD
// publication 56860, revision 1.58, section 8.17 (how a page is measured).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/igvm/file.hpp"
#include "measure/igvm/reading.hpp"
#include "measure/trace.hpp"

namespace hallmark::igvm {

/// The launch digest, and what the file says of the launch beside it.
struct SnpMeasurement {
    Sha384 digest{};
    std::uint64_t pages = 0;  ///< that went into it
    std::optional<std::uint64_t> policy;
    std::optional<SnpIdBlock> id_block;
    std::vector<OtherReading> others;
    std::vector<std::string> notes;  ///< what a user should know of before he trusts the digest
};

/// The digest of everything that the file loads on SEV-SNP, in the file's order.
Result<SnpMeasurement> measure_snp(const File& file, Unknown unknown, Trace* trace);

}  // namespace hallmark::igvm
