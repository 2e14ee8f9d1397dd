// SPDX-License-Identifier: Apache-2.0
#include "common/formats/tdx_report.hpp"

#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::tdx {

Result<TdReport> parse_td_report(ByteSpan bytes) {
    Reader reader(bytes, "TDREPORT");
    HALLMARK_TRY(const auto report, reader.structure<TdReport>());
    HALLMARK_CHECK(reader.finished());
    if (report.mac.type != kTeeTypeTdx)
        return bad_input("TDREPORT: offset 0x0: type found " + hex_number(report.mac.type) + ", expected 0x81");
    return report;
}

}  // namespace hallmark::tdx
