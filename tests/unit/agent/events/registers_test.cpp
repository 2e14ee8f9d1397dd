// SPDX-License-Identifier: Apache-2.0
#include "agent/events/registers.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "common/hex.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::events {
namespace {

TEST(SysfsRegisters, AreTheFilesOfTheKernel) {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "rtmr3:sha384";
    std::ofstream(file, std::ios::binary) << std::string(48, '\x07');
    const auto registers = SysfsRegisters::find(folder.path().string()).value();
    ASSERT_TRUE(registers);
    EXPECT_EQ(to_hex(registers->value(4).value()), [] {
        std::string hex;
        for (int i = 0; i < 48; ++i) hex += "07";
        return hex;
    }());
    Sha384 digest{};
    digest.fill(0x61);
    ASSERT_TRUE(registers->extend(4, digest).has_value());
    std::ifstream written(file, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(written), {}), std::string(48, 'a'));
}

TEST(SysfsRegisters, ThatAreMissingOrShortAreErrors) {
    const test::TemporaryFolder folder;
    EXPECT_FALSE(SysfsRegisters::find((folder.path() / "none").string()).value());
    std::ofstream(folder.path() / "rtmr3:sha384", std::ios::binary) << "short";
    const auto registers = SysfsRegisters::find(folder.path().string()).value();
    EXPECT_FALSE(registers->value(4).has_value());
    for (const std::uint32_t index : {0U, 5U}) {
        EXPECT_FALSE(registers->value(index).has_value()) << index;
        EXPECT_FALSE(registers->extend(index, {}).has_value()) << index;
    }
}

// SHA-384 of 96 zeros, by sha384sum.
TEST(SysfsRegisters, ExtensionHashesValueAndDigest) {
    EXPECT_EQ(to_hex(extended({}, {})),
              "f57bb7ed82c6ae4a29e6c9879338c592c7d42a39135583e8ccbe3940f2344b0eb6eb8503db0ffd6a39ddd00cd07d8317");
}

}  // namespace
}  // namespace hallmark::events
