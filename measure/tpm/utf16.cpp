// SPDX-License-Identifier: Apache-2.0
#include "measure/tpm/utf16.hpp"

#include "common/hex.hpp"
#include "measure/tdx/variables.hpp"

namespace hallmark::tpm {

Result<Bytes> utf16_command_line(std::string_view text, const std::string& what) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if (byte == 0 || byte >= 0x80)
            return bad_input(what + ": offset " + hex_number(i) + ": found byte " + hex_number(byte, 2) +
                             ", expected ASCII; what firmware and stub make of others isn't predicted");
    }
    Bytes bytes = tdx::utf16(text);
    bytes.insert(bytes.end(), 2, 0);
    return bytes;
}

}  // namespace hallmark::tpm
