// SPDX-License-Identifier: Apache-2.0
// The digests were printed by osslsigncode 2.9 (`extract-data -h sha256` and `-h sha384`) for the files that the
// recipes make.
#include "measure/pe/authenticode.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_pe.hpp"

namespace hallmark::pe {
namespace {

using namespace hallmark::test;

struct Digests {
    std::string sha256;
    std::string sha384;
};

Digests digests(const Bytes& image) {
    const auto small = authenticode_sha256(image, "f.efi");
    const auto large = authenticode_sha384(image, "f.efi");
    return {small ? to_hex(*small) : small.error().message, large ? to_hex(*large) : large.error().message};
}

PeRecipe small_pe32() {
    auto recipe = plain_pe();
    recipe.plus = false;
    return recipe;
}

TEST(Authenticode, IsWhatAnotherToolSays) {
    const auto plain = digests(pe_image(plain_pe()));
    EXPECT_EQ(plain.sha256, "3e943d062cc3bb34a9d552d4cd585283de39281d81209def302760ec5cb3912c");
    EXPECT_EQ(plain.sha384,
              "27ac7692f81354c2c8ea0bcce509f1d613376016c1708ec0e8080161199a2f4f216bb77a7c096bc5d361e11ccfcbf6f4");
    const auto small = digests(pe_image(small_pe32()));
    EXPECT_EQ(small.sha256, "8a0a1e8e31640f884b48a80ce83a5f2ee8d5bc8c24edc80f9842c0d0fe840324");
    EXPECT_EQ(small.sha384,
              "86ea5f6ec2076ff0c95889fb63160866463fde3a6f272612b8a4ee39732cde1791ef3559315470900379d8ef52aa4f76");
}

/// With fewer than five data directories there is no certificate table's entry to leave out.
TEST(Authenticode, LeavesOutOnlyTheChecksumOfAnImageWithoutDirectories) {
    auto image = pe_image({.headers_size = 512, .directories = 0});
    const auto found = digests(image).sha384;
    const auto checksum = image.begin() + kPeChecksumAt;
    image.erase(checksum, checksum + 4);
    EXPECT_EQ(found, to_hex(sha384(image)));
}

/// The specification orders sections by their place in the file, not in the table.
TEST(Authenticode, DoesNotDependOnTheOrderOfTheTable) {
    const auto recipe = plain_pe();
    auto image = pe_image(recipe);
    const auto table = image.begin() + static_cast<std::ptrdiff_t>(pe_section_table_at(recipe));
    std::swap_ranges(table, table + 40, table + 40);
    const auto found = digests(image);
    EXPECT_EQ(found.sha256, "b422eb163ef2f29349807f671df6b7b3aa93712cd972e4ee7f370650f9d424f6");
    EXPECT_EQ(found.sha384,
              "050195cd60d664f05b3fbba86b67fa62e729fa2ed750b22dacaa82a7d06b88219d4e938a90942148d30f5c70d8fdd30d");
}

TEST(Authenticode, LeavesOutChecksumAndSignature) {
    auto recipe = plain_pe();
    const auto unsigned_digests = digests(pe_image(recipe));
    recipe.certificate = pattern(64, 9);
    auto image = pe_image(recipe);
    EXPECT_EQ(digests(image).sha384, unsigned_digests.sha384);
    image.back() ^= 1;
    put_at(image, kPeChecksumAt, std::uint32_t{0});
    EXPECT_EQ(digests(image).sha256, unsigned_digests.sha256);
    EXPECT_EQ(digests(image).sha384, unsigned_digests.sha384);
}

TEST(Authenticode, CoversEveryOtherByte) {
    auto recipe = plain_pe();
    recipe.certificate = pattern(64, 9);
    const auto image = pe_image(recipe);
    const auto honest = digests(image).sha384;
    const auto entry = pe_certificate_entry_at(recipe);
    for (std::size_t at = 0; at < image.size() - recipe.certificate.size(); ++at) {
        if ((at >= kPeChecksumAt && at < kPeChecksumAt + 4) || (at >= entry && at < entry + 8)) continue;
        auto changed = image;
        changed[at] ^= 0x40;
        EXPECT_NE(digests(changed).sha384, honest) << at;
    }
}

/// Firmware doesn't fill up what it hashes; tools that sign do, and would say something else of this file.
TEST(Authenticode, DoesNotPad) {
    auto recipe = plain_pe();
    recipe.trailing.push_back(0);
    auto odd = pe_image(recipe);
    recipe.trailing.resize(32);
    EXPECT_NE(digests(odd).sha384, digests(pe_image(recipe)).sha384);
}

TEST(Authenticode, RefusesACertificateTableThatCoversSections) {
    auto recipe = plain_pe();
    recipe.certificate = pattern(64, 9);
    auto image = pe_image(recipe);
    put_at(image, pe_certificate_entry_at(recipe), std::uint32_t{0x400});
    put_at(image, pe_certificate_entry_at(recipe) + 4, std::uint32_t{89});
    expect_error(authenticode_sha384(image, "f.efi"), {"certificate table of 89 bytes", "at most the 88"});
}

}  // namespace
}  // namespace hallmark::pe
