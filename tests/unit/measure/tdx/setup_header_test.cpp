// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/setup_header.hpp"

#include <gtest/gtest.h>

#include <map>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;

/// The fields of a Linux setup header that matter here, at the offsets of the boot protocol.
Bytes kernel(std::uint16_t protocol = 0x20f, std::uint16_t flags = 0x63) {
    Bytes image(0x1000, 0x11);
    const auto put = [&](std::size_t at, std::initializer_list<std::uint8_t> bytes) {
        std::ranges::copy(bytes, image.begin() + static_cast<std::ptrdiff_t>(at));
    };
    put(0x202, {'H', 'd', 'r', 'S'});
    put(0x206, {static_cast<std::uint8_t>(protocol), static_cast<std::uint8_t>(protocol >> 8)});
    put(0x20e, {0x00, 0x04});
    put(0x211, {0x01});
    put(0x22c, {0xff, 0xff, 0xff, 0x7f});
    put(0x236, {static_cast<std::uint8_t>(flags), static_cast<std::uint8_t>(flags >> 8)});
    std::ranges::copy(std::string_view("6.12.117-amd64 (build"), image.begin() + 0x600);
    return image;
}

/// Offset to the bytes that a patch changed.
std::map<std::size_t, std::uint8_t> changes(const Bytes& image, const LoadedWith& with) {
    auto patched = image;
    const auto status = patch_setup_header(patched, with, "k");
    EXPECT_TRUE(status) << status.error().message;
    std::map<std::size_t, std::uint8_t> found;
    for (std::size_t i = 0; i < image.size(); ++i)
        if (image[i] != patched[i]) found[i] = patched[i];
    return found;
}

using Changes = std::map<std::size_t, std::uint8_t>;
const Changes kAlways = {{0x210, 0xb0}, {0x211, 0x81}, {0x224, 0x00}, {0x225, 0xfe},
                         {0x228, 0x00}, {0x229, 0x00}, {0x22a, 0x02}, {0x22b, 0x00}};

Changes with(Changes base, const Changes& more) {
    base.insert(more.begin(), more.end());
    return base;
}

TEST(SetupHeader, HasTheLoadersFields) { EXPECT_EQ(changes(kernel(), {"quiet", {}, {}}), kAlways); }

TEST(SetupHeader, HasTheVideoMode) {
    EXPECT_EQ(changes(kernel(), {"quiet vga=0x317 ro", {}, {}}), with(kAlways, {{0x1fa, 0x17}, {0x1fb, 0x03}}));
    EXPECT_EQ(changes(kernel(), {"vga=normal", {}, {}}), with(kAlways, {{0x1fa, 0xff}, {0x1fb, 0xff}}));
    EXPECT_EQ(changes(kernel(), {"vga=ext", {}, {}}), with(kAlways, {{0x1fa, 0xfe}, {0x1fb, 0xff}}));
    EXPECT_EQ(changes(kernel(), {"vga=ask", {}, {}}), with(kAlways, {{0x1fa, 0xfd}, {0x1fb, 0xff}}));
    EXPECT_EQ(changes(kernel(), {"vga=017", {}, {}}), with(kAlways, {{0x1fa, 0x0f}, {0x1fb, 0x00}}));
    auto image = kernel();
    for (const auto* text : {"vga=blue", "vga=", "vga=1x", "vga=0x1ffffffff"})
        expect_error(patch_setup_header(image, {text, {}, {}}, "k"), {"vga=", "QEMU refuses"});
}

// 2 GiB, and more than 2.75 GiB, end at the same place below 4 GiB.
TEST(SetupHeader, HasTheInitrd) {
    // 0x80000000 - 0x28000 - 1 - 0x1234 = 0x7ffd6dcb, whose page is 0x7ffd6000.
    const auto expected = with(kAlways, {{0x218, 0x00},
                                         {0x219, 0x60},
                                         {0x21a, 0xfd},
                                         {0x21b, 0x7f},
                                         {0x21c, 0x34},
                                         {0x21d, 0x12},
                                         {0x21e, 0x00},
                                         {0x21f, 0x00}});
    for (const auto memory : {2ULL << 30, 3ULL << 30, 64ULL << 30})
        EXPECT_EQ(changes(kernel(), {"", 0x1234, memory}), expected) << memory;
    EXPECT_NE(changes(kernel(), {"", 0x1234, 1ULL << 30}), expected);
    // Without the flag the kernel's own limit counts: 0x7fffffff, which here is the higher one.
    EXPECT_EQ(changes(kernel(0x20f, 0x40), {"", 0x1234, 2ULL << 30}), expected);
}

TEST(SetupHeader, PutsTheInitrdBelowTheKernelsLimit) {
    auto image = kernel(0x20f, 0x40);  // XLF_5LEVEL_ENABLED is not the flag that lifts the limit
    image[0x22f] = 0x37;
    auto patched = image;
    ASSERT_TRUE(patch_setup_header(patched, {"", 0x1000, 2ULL << 30}, "k"));
    EXPECT_EQ(to_hex(ByteSpan(patched).subspan(0x218, 4)), "00e0ff37");  // 0x37ffffff - 0x1000, on a page
}

TEST(SetupHeader, RefusesWhatQemuWouldNotStart) {
    Bytes image(0x237);
    expect_error(patch_setup_header(image, {}, "k"), {"k", "too short"});
    image.resize(0x1000);
    expect_error(patch_setup_header(image, {}, "k"), {"offset 0x202", "HdrS"});
    image = kernel(0x201);
    expect_error(patch_setup_header(image, {}, "k"), {"protocol 0x201"});
    image = kernel();
    image[0x211] = 0;
    expect_error(patch_setup_header(image, {}, "k"), {"loaded low"});
    image = kernel();
    expect_error(patch_setup_header(image, {"", 1, {}}, "k"), {"--memory"});
    expect_error(patch_setup_header(image, {"", 1ULL << 32, 8ULL << 30}, "k"), {"QEMU refuses"});
    expect_error(patch_setup_header(image, {"", 1, 0x1000}, "k"), {"expected less than 0"});
}

TEST(SetupHeader, SaysTheKernelsVersion) {
    EXPECT_EQ(kernel_version(kernel()), "6.12.117");
    auto image = kernel();
    image[0x20f] = 0x40;
    EXPECT_EQ(kernel_version(image), std::nullopt);
    EXPECT_EQ(kernel_version(Bytes(0x1000)), std::nullopt);
}

}  // namespace
}  // namespace hallmark::tdx
