// SPDX-License-Identifier: Apache-2.0
#include "measure/igvm/reading.hpp"

#include "common/hex.hpp"

namespace hallmark::igvm {

Result<std::string> judge_unknown(const File& file, const Header& header, Unknown unknown) {
    const auto what = "header of unknown " + name_of(header);
    if (!header.may_be_ignored && unknown == Unknown::kRefuse)
        return bad_input(file.what() + ": offset " + hex_number(header.offset) + ": found a " + what +
                         ", expected known ones; if it loads nothing, say --pass-over-unknown");
    return what + " at " + hex_number(header.offset) + " is passed over";
}

Status check_4k_x64(const File& file) {
    if (file.architecture() == Architecture::kX64 && file.page_size() == kPageSize) return {};
    return bad_input(file.what() + ": found architecture " +
                     std::to_string(static_cast<std::uint32_t>(file.architecture())) + ", page size " +
                     hex_number(file.page_size()) + ", expected 0 (x86-64) and 0x1000");
}

}  // namespace hallmark::igvm
