// SPDX-License-Identifier: Apache-2.0
#include "measure/tpm/registers.hpp"

#include <algorithm>
#include <string>

#include "common/hex.hpp"

namespace hallmark::tpm {

Result<event_log::Registers> registers(const Prediction& prediction, Algorithm bank, Trace* trace,
                                       const std::vector<std::uint32_t>& pcrs) {
    const std::size_t size = Digests{}.of(bank).size();
    event_log::Registers values;
    for (const auto pcr : prediction.complete)
        if (pcrs.empty() || std::ranges::find(pcrs, pcr) != pcrs.end()) values.emplace(pcr, Bytes(size));
    for (const auto& event : prediction.events) {
        const auto value = values.find(event.pcr);
        if (value == values.end()) continue;
        HALLMARK_TRY(value->second, event_log::extend(bank, value->second, event.digests.of(bank)));
        if (trace != nullptr)
            trace->push_back({"PCR " + std::to_string(event.pcr) + ": " + event.name,
                              std::string(event_log::algorithm_name(bank).value_or("")) + " " +
                                  to_hex(event.digests.of(bank)) + " over " + event.covers,
                              to_hex(value->second)});
    }
    return values;
}

}  // namespace hallmark::tpm
