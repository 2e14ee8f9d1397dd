// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/evidence/attester.hpp"
#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// `data` with zeros behind it up to 64 bytes; longer data is refused.
Result<ReportData> report_data_of(ByteSpan data);

/// Evidence as relying parties take it.
class EvidenceSource {
public:
    virtual ~EvidenceSource() = default;

    /// As the KBS protocol names it: "snp", "tdx", "sample".
    [[nodiscard]] virtual std::string_view tee() const = 0;
    /// For people: "simulated", "configfs-tsm:sev_guest".
    [[nodiscard]] virtual std::string name() const = 0;
    /// Fresh evidence over at most 64 bytes, as the JSON of this TEE, which text_with_bytes() writes. Several
    /// threads may ask at once.
    virtual Result<Json> evidence(ByteSpan data) = 0;
    /// Whether the launch was bound to init-data of this digest: HOSTDATA of SNP, MRCONFIGID of TDX. Fault::kNo where
    /// it was bound to another one, or can't be.
    virtual Status check_init_data(ByteSpan digest) = 0;
};

}  // namespace hallmark::guest
