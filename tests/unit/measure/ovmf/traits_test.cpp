// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/traits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "common/hex.hpp"

namespace hallmark::ovmf {
namespace {

// Compressed by Python's lzma module (FORMAT_ALONE): zeros, "TdxTable", "initrd=initrd ", "etc/boot/" and, in UTF-16,
// "EFI Firmware Setup" and "2026.08-2".
constexpr std::string_view kNew =
    "5d00008000ffffffffffffffff00006e289b88cd421fb32d6e3e4331f6edbc3f5bcd2c1d8368129c4169bcdb704eb6d0"
    "554f85c45619941f341245449506c06880ec70ac9e62e3dfbda43c0a35ef214e02a7a16b605adaadcc25651aa82f0a23"
    "ef41ffffa1b68000";
// The same way: "TdxTable", " initrd=initrd" and, in UTF-16, "UiApp", "2099.1" and "SecureBootEnable".
constexpr std::string_view kOld =
    "5d00008000ffffffffffffffff00006e289b88cd421fb32d6e3e42e1fc6aa3ea144838dee8591cf55cd9168b5c0e5f46"
    "0c86e9398945dbfb535c0f8045284f9527d3634be2877ab6978f6bce9b3f143640fffffaa22000";

/// An image with a section that says it is compressed, behind `begin`.
Bytes image(std::string_view stream_hex, std::string_view begin = "") {
    const auto stream = *from_hex(stream_hex);
    Bytes bytes(64);
    append(bytes, as_bytes(begin));
    const auto size = 24 + stream.size();
    bytes.push_back(static_cast<std::uint8_t>(size));
    bytes.push_back(static_cast<std::uint8_t>(size >> 8));
    append(bytes, *from_hex("0002"));                              // size, type
    append(bytes, *from_hex("98584eee143959429d6edc7bd79403cf"));  // GUID
    append(bytes, *from_hex("18000100"));                          // offset of the data, attributes
    append(bytes, stream);
    append(bytes, Bytes(64, 0xff));
    return bytes;
}

TEST(FirmwareTraits, ShowThroughCompression) {
    const auto traits = firmware_traits(image(kNew));
    EXPECT_TRUE(traits.readable && traits.measures_td && traits.initrd_first && traits.named_blobs && traits.boot_menu);
    EXPECT_FALSE(traits.initrd_last || traits.secure_boot || traits.tdx_only);
    EXPECT_EQ(traits.version, "2026.08");
}

TEST(FirmwareTraits, DoNotShowWhatIsNotThere) {
    const auto traits = firmware_traits(image(kOld));
    EXPECT_TRUE(traits.readable && traits.measures_td && traits.initrd_last && traits.secure_boot);
    EXPECT_FALSE(traits.initrd_first || traits.named_blobs || traits.boot_menu || traits.tdx_only);
    EXPECT_EQ(traits.version, std::nullopt);
}

// The name also stands in the code that unpacks sections.
TEST(FirmwareTraits, LookBehindANameThatIsNoSection) {
    const auto name = *from_hex("98584eee143959429d6edc7bd79403cf");
    const std::string begin(name.begin(), name.end());
    EXPECT_TRUE(firmware_traits(image(kNew, begin)).readable);
    EXPECT_TRUE(firmware_traits(image(kNew, "QEMU FW CFG")).tdx_only);
}

TEST(FirmwareTraits, SayWhereNothingCanBeRead) {
    EXPECT_FALSE(firmware_traits({}).readable);
    EXPECT_FALSE(firmware_traits(Bytes(100, 0x41)).readable);
    auto broken = image(kNew);
    for (const std::size_t at : {std::size_t{65}, std::size_t{67}, std::size_t{84}, std::size_t{88}}) {
        auto bytes = broken;
        bytes[at] ^= 0x40;
        EXPECT_FALSE(firmware_traits(bytes).readable) << at;
    }
    broken.resize(64 + 24 + 60);
    const auto traits = firmware_traits(broken);
    EXPECT_FALSE(traits.readable || traits.initrd_first) << "a stream that breaks off says nothing";
}

}  // namespace
}  // namespace hallmark::ovmf
