// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/layout.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;
using ovmf::FirmwareTraits;

/// What Debian's images show: 2025.02-8+deb13u1 and 2026.08+ds-2.
FirmwareTraits trixie() {
    return {.readable = true, .measures_td = true, .named_blobs = true, .initrd_last = true, .version = "2025.02"};
}
FirmwareTraits forky() {
    return {.readable = true,
            .measures_td = true,
            .named_blobs = true,
            .boot_menu = true,
            .initrd_first = true,
            .version = "2026.08"};
}

std::string release_of(const FirmwareTraits& traits) {
    const auto chosen = recognised_layout(traits, "f.fd");
    return chosen ? std::string(chosen->layout.release) : chosen.error().message;
}

TEST(Layout, IsRecognisedByVersionAndStrings) {
    EXPECT_EQ(release_of(trixie()), "202502");
    EXPECT_EQ(release_of(forky()), "202608");
    auto between = forky();
    between.version = "2025.12";
    EXPECT_EQ(release_of(between), "202511");
    auto newer = forky();
    newer.version = "2027.02";
    const auto chosen = recognised_layout(newer, "f.fd");
    ASSERT_TRUE(chosen);
    EXPECT_NE(chosen->reason.find("newer than all that is known"), std::string::npos);
}

TEST(Layout, IsRecognisedByStringsAlone) {
    auto traits = trixie();
    traits.version.reset();
    EXPECT_EQ(release_of(traits), "202502");
    traits = forky();
    traits.version.reset();
    const auto chosen = recognised_layout(traits, "f.fd");
    ASSERT_TRUE(chosen) << chosen.error().message;
    EXPECT_NE(chosen->reason.find("202508 to 202608"), std::string::npos) << chosen->reason;
}

TEST(Layout, IsNotGuessed) {
    // 202408 and 202411 differ in the separator, which no string shows.
    expect_error(recognised_layout({.readable = true, .initrd_last = true}, "f.fd"),
                 {"f.fd", "202405 to 202411", "--edk2"});
    expect_error(recognised_layout({}, "f.fd"), {"no compressed volume", "--edk2", "202502"});
    auto odd = trixie();
    odd.version = "2026.08";
    expect_error(recognised_layout(odd, "f.fd"), {"version 2026.08", "--edk2"});
    odd.version = "2019.05";
    expect_error(recognised_layout(odd, "f.fd"), {"version 2019.05"});
    odd = forky();
    odd.named_blobs = false;
    expect_error(recognised_layout(odd, "f.fd"), {"no known release"});
}

TEST(Layout, MayBeNamed) {
    for (const auto* name : {"202411", "2024.11", "edk2-stable202411"}) {
        const auto chosen = named_layout(name);
        ASSERT_TRUE(chosen) << name;
        EXPECT_TRUE(chosen->layout.separator_in_rtmr1);
        EXPECT_FALSE(chosen->layout.named_blobs);
    }
    EXPECT_FALSE(named_layout("202408")->layout.separator_in_rtmr1);
    for (const auto* name : {"", "2024", "202401", "latest", "20241"})
        expect_error(named_layout(name), {"unknown", "202405", "202608"});
}

// The columns of the matrix, in the release where each changed.
TEST(Layout, HasTheMatrix) {
    const auto at = [](std::string_view release) { return named_layout(release)->layout; };
    EXPECT_FALSE(at("202405").measures_by_default);
    EXPECT_TRUE(at("202408").measures_by_default);
    EXPECT_FALSE(at("202411").named_blobs);
    EXPECT_TRUE(at("202502").named_blobs);
    EXPECT_FALSE(at("202502").since_202505);
    EXPECT_TRUE(at("202505").since_202505);
    EXPECT_FALSE(at("202505").initrd_first);
    EXPECT_TRUE(at("202508").initrd_first);
}

TEST(QemuRelease, IsReadAndOrdered) {
    EXPECT_TRUE(parse_qemu_release("8.2.2")->patches_kernel());
    EXPECT_FALSE(parse_qemu_release("9.2")->named_blobs());
    EXPECT_TRUE(parse_qemu_release("10.1+tdx")->patches_kernel());
    EXPECT_TRUE(parse_qemu_release("10.0")->named_blobs());
    EXPECT_FALSE(parse_qemu_release("10.2")->patches_kernel());
    EXPECT_FALSE(parse_qemu_release("11.0.1")->patches_kernel());
    for (const auto* text : {"", "10", "10.", "ten", "10.x", "10.1x", ".1", "-1.2"})
        expect_error(parse_qemu_release(text), {"such as 10.1"});
}

}  // namespace
}  // namespace hallmark::tdx
