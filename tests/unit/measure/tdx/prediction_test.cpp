// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/prediction.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_pe.hpp"
#include "tests/support/synthetic_tdvf.hpp"
#include "tests/support/synthetic_variables.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;

Bytes firmware_with_variables(const std::vector<VariableRecipe>& variables = {}) {
    auto image = tdvf();
    std::ranges::copy(variable_volume(variables), image.begin());
    return image;
}

/// What the EFI stub of Linux 6.9 and newer has in it: its words, and the CC protocol's GUID in two halves.
constexpr std::string_view kStub(
    "LOADED_IMAGE::LoadOptions\0Loaded initrd from LINUX_EFI_INITRD_MEDIA_GUID\n\0"
    "\x3d\x1a\x75\x96\xf4\x72\xa6\x41 \xa7\x94\xed\x5d\x0e\x67\xae\x6b",
    91);

Bytes linux_image(std::string_view stub = kStub) {
    PeRecipe recipe;
    auto data = pattern(0x800, 2);
    std::ranges::copy(stub, data.begin());
    recipe.sections = {{".text", pattern(0x1000, 1)}, {".data", data}};
    auto image = pe_image(recipe);
    put_at(image, 0x202, std::string_view("HdrS"));
    put_at(image, 0x206, std::uint16_t{0x20f});
    put_at(image, 0x20e, std::uint16_t{0x80});
    put_at(image, 0x211, std::string_view("\x01"));
    put_at(image, 0x22c, std::uint32_t{0x7fffffff});
    put_at(image, 0x236, std::uint16_t{0x63});
    put_at(image, 0x280, std::string_view("6.12.1 (x)"));
    return image;
}

/// Files of one boot, and what they are predicted to be.
class Boot {
public:
    Boot() {
        write("f.fd", firmware_with_variables());
        write("k", linux_image());
        write("i", pattern(5000, 3));
        Bytes loader(256);
        loader[0] = 1;
        std::ranges::copy(std::string_view("etc/acpi/tables"), loader.begin() + 4);
        write("table-loader", loader);
        write("tables", pattern(3000, 4));
        request.firmware = path("f.fd");
        request.kernel = path("k");
        request.initrd = path("i");
        request.command_line = "quiet";
        request.memory = 2ULL << 30;
        request.acpi = folder_.path().string();
        request.edk2 = "202502";
    }

    void write(const std::string& name, ByteSpan bytes) { ASSERT_TRUE(write_file(path(name), bytes)); }
    void flip(const std::string& name, std::size_t at) {
        auto bytes = *read_file(path(name), 1 << 20);
        bytes.at(at) ^= 0x10;
        write(name, bytes);
    }
    [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    /// MRTD and RTMR0 to 2 as one text each; "-" where it isn't predicted.
    [[nodiscard]] std::map<std::string, std::string> values() const {
        const auto prediction = predict(request);
        EXPECT_TRUE(prediction) << prediction.error().message;
        if (!prediction) return {};
        std::map<std::string, std::string> found = {
            {"mrtd", to_hex(prediction->single_pass) + to_hex(prediction->two_pass)}};
        for (std::size_t i = 0; i < 3; ++i) {
            const auto& value = prediction->registers.at(i);
            found["rtmr" + std::to_string(i)] = value ? to_hex(*value) : "-";
        }
        return found;
    }

    Request request;

private:
    TemporaryFolder folder_;
};

/// Which of the values a change changes.
std::string changed_by(const std::function<void(Boot&)>& change) {
    Boot boot;
    const auto before = boot.values();
    change(boot);
    std::string names;
    for (const auto& [name, value] : boot.values())
        if (before.at(name) != value) names += (names.empty() ? "" : " ") + name;
    return names;
}

TEST(Prediction, ChangesWithEveryMeasuredBit) {
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("f.fd", 0x1000); }), "mrtd");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("f.fd", 0x3fff); }), "mrtd");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("f.fd", 0xfff); }), "rtmr0") << "the variables";
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("k", 0x400); }), "rtmr1");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("k", 0x1bff); }), "rtmr1");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("i", 0); }), "rtmr2");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("i", 4999); }), "rtmr2");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.request.command_line = "quiet "; }), "rtmr2");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.request.initrd.reset(); }), "rtmr2");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.request.memory = 4ULL << 30; }), "rtmr0");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("table-loader", 255); }), "rtmr0");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("tables", 2999); }), "rtmr0");
}

TEST(Prediction, StaysWithEveryBitThatIsNotMeasured) {
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("k", kPeChecksumAt); }), "");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.flip("k", kPeChecksumAt + 3); }), "");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.request.qemu = QemuRelease{11, 1}; }), "");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.write("another", Bytes(1)); }), "");
}

TEST(Prediction, FollowsTheReleases) {
    // From 202502 on to SMBIOS and two boot options, then to "initrd=initrd" in front.
    EXPECT_EQ(changed_by([](Boot& boot) { boot.request.edk2 = "202505"; }), "rtmr0");
    EXPECT_EQ(changed_by([](Boot& boot) { boot.request.edk2 = "202508"; }), "rtmr0 rtmr2");
    // Back to the separator in RTMR0.
    const auto old = [](Boot& boot) {
        boot.request.edk2 = "202408";
        boot.request.qemu = QemuRelease{10, 2};
    };
    EXPECT_EQ(changed_by(old), "rtmr0 rtmr1");
}

TEST(Prediction, KnowsWhereQemuChangesTheKernel) {
    const auto with = [](const char* edk2, QemuRelease qemu) {
        Boot boot;
        boot.request.edk2 = edk2;
        boot.request.qemu = qemu;
        return boot.values().at("rtmr1");
    };
    EXPECT_NE(with("202411", {10, 1}), with("202411", {10, 2}));
    EXPECT_EQ(with("202411", {9, 2}), with("202411", {10, 1}));
    EXPECT_EQ(with("202502", {10, 1}), with("202502", {10, 2}));
    EXPECT_EQ(with("202411", {11, 0}), with("202502", {11, 0}));
    EXPECT_NE(with("202502", {9, 2}), with("202502", {10, 0}));
    Boot boot;
    boot.request.edk2 = "202411";
    expect_error(predict(boot.request), {"202411", "--qemu"});
    boot.request.qemu = QemuRelease{9, 2};
    boot.request.memory.reset();
    expect_error(predict(boot.request), {"--memory"});
}

TEST(Prediction, SaysWhatItDoesNotPredict) {
    Boot boot;
    boot.request.acpi.reset();
    boot.request.memory.reset();
    boot.request.edk2 = "202608";
    const auto prediction = predict(boot.request);
    ASSERT_TRUE(prediction) << prediction.error().message;
    std::map<std::string, std::string> reasons;
    for (const auto& event : prediction->events)
        if (!event.digest) reasons[event.name] = event.reason;
    EXPECT_EQ(reasons.size(), 5U);
    EXPECT_NE(reasons["td_hob"].find("--memory"), std::string::npos);
    EXPECT_NE(reasons["acpi_tables"].find("--acpi"), std::string::npos);
    EXPECT_NE(reasons["smbios"].find("-smbios"), std::string::npos);
    EXPECT_FALSE(prediction->registers[0]);
    EXPECT_TRUE(prediction->registers[1] && prediction->registers[2]);
    EXPECT_GE(prediction->assumptions.size(), 5U);
}

TEST(Prediction, TakesKnownDigests) {
    Boot boot;
    boot.request.edk2 = "202608";
    EXPECT_EQ(boot.values().at("rtmr0"), "-");
    boot.request.known = {{"smbios", sha384(as_bytes("x"))}};
    EXPECT_NE(boot.values().at("rtmr0"), "-");
    boot.request.known = {{"smbus", Sha384{}}};
    expect_error(predict(boot.request), {"smbus", "smbios"});
}

TEST(Prediction, HasTheKeysOfTheFirmware) {
    Boot plain;
    Boot enrolled;
    enrolled.write("f.fd", firmware_with_variables({{guid("8be4df61-93ca-11d2-aa0d-00e098032b8c"), "PK", {1, 2, 3}}}));
    const auto digest = [](const Boot& boot, const std::string& name) {
        const auto prediction = predict(boot.request);
        for (const auto& event : prediction->events)
            if (event.name == name) return to_hex(*event.digest);
        return std::string();
    };
    EXPECT_NE(digest(plain, "variable_PK"), digest(enrolled, "variable_PK"));
    EXPECT_EQ(digest(plain, "variable_KEK"), digest(enrolled, "variable_KEK"));
    // 8be4df61-… ‖ 2 ‖ 3 ‖ "PK" in UTF-16 ‖ 01 02 03
    EXPECT_EQ(digest(enrolled, "variable_PK"),
              to_hex(sha384(*from_hex("61dfe48bca93d211aa0d00e098032b8c02000000000000000300000000000000"
                                      "50004b00010203"))));
}

TEST(Prediction, OfFirmwareAloneIsMrtd) {
    Boot boot;
    Request request;
    request.firmware = boot.request.firmware;
    const auto prediction = predict(request);
    ASSERT_TRUE(prediction) << prediction.error().message;
    EXPECT_TRUE(prediction->events.empty());
    EXPECT_FALSE(prediction->registers[1]);
    request.command_line = "";
    expect_error(predict(request), {"--append without --kernel"});
}

TEST(Prediction, HasInRtmr2WhatTheKernelsStubMeasures) {
    Boot boot;
    const auto rtmr2 = [&](std::string_view stub) {
        boot.write("k", linux_image(stub));
        return boot.values().at("rtmr2");
    };
    const auto whole = rtmr2(kStub);
    EXPECT_EQ(rtmr2(kStub.substr(0, 80)), std::string(96, '0')) << "older than 6.9: no CC protocol";
    EXPECT_EQ(rtmr2("another stub"), std::string(96, '0'));
    const auto without_initrd = rtmr2(std::string(kStub).replace(26, 6, "------"));
    EXPECT_NE(without_initrd, whole);
    EXPECT_NE(without_initrd, std::string(96, '0'));
}

TEST(Memory, IsReadAsQemuReadsIt) {
    EXPECT_EQ(*parse_memory("2G"), 2ULL << 30);
    EXPECT_EQ(*parse_memory("2g"), 2ULL << 30);
    EXPECT_EQ(*parse_memory("2048"), 2ULL << 30);
    EXPECT_EQ(*parse_memory("2048M"), 2ULL << 30);
    EXPECT_EQ(*parse_memory("4096K"), 4ULL << 20);
    EXPECT_EQ(*parse_memory("1T"), 1ULL << 40);
    for (const auto* text : {"", "G", "2X", "-1G", "0", "1.5G", "16777216T", "18446744073709551615G"})
        expect_error(parse_memory(text), {"memory"});
}

}  // namespace
}  // namespace hallmark::tdx
