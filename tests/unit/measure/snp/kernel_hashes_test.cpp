// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/kernel_hashes.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

// FIPS 180-4 values of well-known inputs: nothing, and one zero byte.
constexpr const char* kHashOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kHashOfZeroByte = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";

TEST(KernelHashes, HashOfWhatIsNotThere) {
    EXPECT_EQ(to_hex(hash_no_initrd()), kHashOfNothing);
    EXPECT_EQ(to_hex(hash_command_line("")), kHashOfZeroByte);
}

TEST(KernelHashes, CommandLineIsTakenVerbatim) {
    EXPECT_NE(hash_command_line("quiet"), hash_command_line(" quiet"));
    EXPECT_NE(hash_command_line("quiet"), hash_command_line("quiet "));
    EXPECT_NE(hash_command_line("a=\"b\""), hash_command_line("a=b"));
}

TEST(KernelHashes, TableStandsAsFirmwareReadsIt) {
    KernelHashes hashes;
    hashes.kernel.fill(0x11);
    hashes.initrd.fill(0x22);
    hashes.command_line.fill(0x33);
    const auto table = hash_table(hashes);
    const auto fill = [](const char* digits) {
        std::string text;
        for (int i = 0; i < 32; ++i) text += digits;
        return text;
    };
    // GUIDs in mixed form, 16-bit lengths, hashes; then eight bytes of padding.
    EXPECT_EQ(to_hex(as_bytes(table)),
              "06d63894224fc94cb479a793d411fd21"
              "a800"
              "d82dd09720bd944caa78e7714d36ab2a"
              "3200" +
                  fill("33") +
                  "31f7ba442f3ad74b9af141e29169781d"
                  "3200" +
                  fill("22") +
                  "3794e74dd2ab7f42b835d5b172d2045b"
                  "3200" +
                  fill("11") + "0000000000000000");
}

TEST(KernelHashes, PageIsZeroAroundTheTable) {
    const KernelHashes hashes{sha256({}), hash_no_initrd(), hash_command_line("x")};
    const auto page = hash_page(hashes, 0x810c00);
    const ByteSpan bytes(page);
    EXPECT_TRUE(all_zero(bytes.first(0xc00)));
    EXPECT_TRUE(equal(bytes.subspan(0xc00, 176), as_bytes(hash_table(hashes))));
    EXPECT_TRUE(all_zero(bytes.subspan(0xc00 + 168)));
}

}  // namespace
}  // namespace hallmark::snp
