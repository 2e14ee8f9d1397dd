// SPDX-License-Identifier: Apache-2.0
#include "common/formats/snp_report.hpp"

#include "common/reader.hpp"

namespace hallmark::snp {

Result<AttestationReport> parse_report(ByteSpan bytes) {
    Reader reader(bytes, "SNP report");
    HALLMARK_TRY(const auto report, reader.structure<AttestationReport>());
    HALLMARK_CHECK(reader.finished());
    if (report.version < 2 || report.version > 5)
        return bad_input("SNP report: offset 0x0: version " + std::to_string(report.version.get()) +
                         ", expected 2 to 5");
    return report;
}

}  // namespace hallmark::snp
