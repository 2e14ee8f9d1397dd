// SPDX-License-Identifier: Apache-2.0
#include "measure/bzimage/setup_header.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_bzimage.hpp"

namespace hallmark::bzimage {
namespace {

using namespace hallmark::test;

TEST(BzImage, HasTheFieldsOfTheBootProtocol) {
    const auto image = bzimage_image();
    const auto header = read_setup_header(image, "k");
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->boot_flag, kBootFlag);
    EXPECT_EQ(header->protocol, 0x20f);
    EXPECT_EQ(header->relocatable, 1);
    EXPECT_EQ(header->kernel_alignment, 0x200000U);
    EXPECT_EQ(header->extended_flags, 0x2b);
    EXPECT_EQ(header->preferred_address, 0x1000000U);
    EXPECT_EQ(header->init_size, 0x1d17000U);
    EXPECT_EQ(header->handover_offset, 0x190U);
    EXPECT_EQ(version_text(image, *header), "6.12.1-test (b@h) #1 SMP");
    EXPECT_EQ(code_offset(*header), 0x400U);
    const auto packed = payload(image, *header, "k");
    ASSERT_TRUE(packed) << packed.error().message;
    EXPECT_EQ(packed->data(), image.data() + 0x440);
    EXPECT_EQ(packed->size(), 0x80U);
    EXPECT_EQ(packing(*packed), "zstd");
}

TEST(BzImage, WritesBackWhatItRead) {
    const auto image = bzimage_image();
    auto written = image;
    write_setup_header(written, *read_setup_header(image, "k"));
    EXPECT_EQ(written, image);
}

TEST(BzImage, KnowsDefaultsAndWhatIsMissing) {
    auto image = bzimage_image();
    put_at(image, 0x1f1, std::uint8_t{0});
    put_at(image, 0x20e, std::uint16_t{0});
    auto header = *read_setup_header(image, "k");
    EXPECT_EQ(code_offset(header),
              2560U);  // "For backwards compatibility, if the setup_sects field contains 0, [...] 4"
    EXPECT_EQ(version_text(image, header), std::nullopt);
    put_at(image, 0x206, std::uint16_t{0x207});
    header = *read_setup_header(image, "k");
    EXPECT_TRUE(payload(image, header, "k")->empty());
    EXPECT_EQ(packing({}), "unknown");
    EXPECT_EQ(packing(as_bytes("\x1f\x8b\x08")), "gzip");
}

TEST(BzImage, RefusesWhatIsNotThere) {
    auto image = bzimage_image();
    expect_error(read_setup_header(ByteSpan(image).first(0x26b), "k"), {"k: 619 bytes", "too short"});
    put_at(image, 0x24c, std::uint32_t{0xffffffff});
    expect_error(payload(image, *read_setup_header(image, "k"), "k"), {"k: offset 0x248", "0x440", "cut short"});
    put_at(image, 0x248, std::uint32_t{0xffffffff});
    expect_error(payload(image, *read_setup_header(image, "k"), "k"), {"offset 0x248"});
    put_at(image, 0x20e, std::uint16_t{0xffff});
    EXPECT_EQ(version_text(image, *read_setup_header(image, "k")), std::nullopt);
    put_at(image, 0x202, std::string_view("x"));
    expect_error(read_setup_header(image, "k"), {"k: offset 0x202", "found 0x53726478", "HdrS"});
}

}  // namespace
}  // namespace hallmark::bzimage
