// SPDX-License-Identifier: Apache-2.0
// A volume of variables for tests, as firmware images have one at their begin.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/guid.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::test {

struct VariableRecipe {
    Guid vendor;
    std::string_view name;
    Bytes data;
    std::uint8_t state = 0x3f;
};

/// edk2, MdeModulePkg/Include/Guid/VariableFormat.h: volume header of 72 bytes, store header of 28, then for each
/// variable 60 bytes, its name and its data, filled up to four bytes; 0xff behind the last.
inline Bytes variable_volume(const std::vector<VariableRecipe>& variables, std::size_t size = 0x1000) {
    Bytes volume(size, 0xff);
    const auto at = [&](std::size_t offset, auto value) { put(volume, size - offset, value); };
    at(0, ByteSpan(Bytes(16)));
    at(16, ByteSpan(guid("fff12b8d-7696-4c8b-a985-2747075b4f50").bytes));
    at(0x20, std::uint64_t{size});
    at(0x28, std::uint32_t{0x4856465f});
    at(0x30, std::uint16_t{72});
    at(72, ByteSpan(guid("aaf32c78-947b-439a-a180-2e144ec37792").bytes));
    at(88, static_cast<std::uint32_t>(size - 72));
    at(92, std::uint16_t{0xfe5a});
    std::size_t end = 100;
    for (const auto& variable : variables) {
        at(end, std::uint16_t{0x55aa});
        at(end + 2, std::uint16_t{variable.state});
        at(end + 36, static_cast<std::uint32_t>(2 * variable.name.size() + 2));
        at(end + 40, static_cast<std::uint32_t>(variable.data.size()));
        at(end + 44, ByteSpan(variable.vendor.bytes));
        end += 60;
        for (const auto c : variable.name) at(end, std::uint16_t(c)), end += 2;
        at(end, std::uint16_t{0});
        end += 2;
        at(end, ByteSpan(variable.data));
        end = (end + variable.data.size() + 3) / 4 * 4;
    }
    return volume;
}

}  // namespace hallmark::test
