// SPDX-License-Identifier: Apache-2.0
#include "measure/qemu/fw_cfg.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/expect_error.hpp"

namespace hallmark::qemu {
namespace {

using test::expect_error;

/// An entry by the offsets of QEMU's docs/specs/fw_cfg.rst, numbers big-endian.
Bytes entry(std::uint32_t size, std::uint16_t item, std::string_view name) {
    Bytes bytes(64);
    for (int i = 0; i < 4; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
    bytes[4] = static_cast<std::uint8_t>(item >> 8);
    bytes[5] = static_cast<std::uint8_t>(item);
    std::ranges::copy(name, bytes.begin() + 8);
    return bytes;
}

TEST(FwCfg, HasADirectory) {
    auto bytes = entry(0x20000, 0x2a, "etc/acpi/tables");
    append(bytes, entry(20, 0x2b, std::string(56, 'n')));
    const auto files = parse_directory(bytes);
    ASSERT_TRUE(files) << files.error().message;
    ASSERT_EQ(files->size(), 2U);
    EXPECT_EQ(files->at(0).name, "etc/acpi/tables");
    EXPECT_EQ(files->at(0).size, 0x20000U);
    EXPECT_EQ(files->at(0).item, 0x2a);
    EXPECT_EQ(files->at(1).name, std::string(56, 'n'));
}

TEST(FwCfg, RefusesADirectoryThatIsNone) {
    expect_error(parse_directory(Bytes(63)), {"fw_cfg directory", "63 bytes left, expected 64"});
    EXPECT_EQ(entry_count(Bytes{0, 0, 4, 0}).value(), 1024U);
    expect_error(entry_count(Bytes{0, 0, 4, 1}), {"1025 files", "at most 1024"});
    expect_error(entry_count(Bytes(3)), {"3 bytes left"});
}

}  // namespace
}  // namespace hallmark::qemu
