// SPDX-License-Identifier: Apache-2.0
// The SHA-384 digests without another source stand in the event logs of real firmware, as they are published.
#include "measure/tpm/predict.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/hex.hpp"
#include "measure/tpm/output.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_uki.hpp"

namespace hallmark::tpm {
namespace {

using namespace hallmark::test;

using Texts = std::vector<std::string>;

FirmwareState newest() { return {.secure_boot = SecureBoot::kAbsent, .layout = tdx::layouts().back(), .reason = "so"}; }

KernelBoot kernel_boot(const Bytes& kernel) {
    KernelBoot boot;
    boot.kernel = {"vmlinuz", kernel};
    boot.command_line = "a";
    boot.firmware = newest();
    return boot;
}

UkiBoot uki_boot(const Bytes& image) {
    UkiBoot boot;
    boot.image = {"guest.efi", image};
    boot.firmware = newest();
    return boot;
}

Texts digests_of(const Prediction& prediction, std::uint32_t pcr) {
    Texts found;
    for (const auto& event : prediction.events)
        if (event.pcr == pcr) found.push_back(to_hex(event.digests.sha384));
    return found;
}

Texts names_of(const Prediction& prediction, std::uint32_t pcr) {
    Texts found;
    for (const auto& event : prediction.events)
        if (event.pcr == pcr) found.push_back(event.name);
    return found;
}

std::string first_covers(const Prediction& prediction, std::uint32_t pcr) {
    const auto event = std::ranges::find(prediction.events, pcr, &Event::pcr);
    return event == prediction.events.end() ? std::string() : event->covers;
}

bool says(const Texts& lines, std::string_view words) {
    return std::ranges::any_of(lines, [&](const std::string& line) { return line.contains(words); });
}

void expect_begin(const Texts& digests, const Texts& begins) {
    ASSERT_EQ(digests.size(), begins.size());
    for (std::size_t i = 0; i < begins.size(); ++i) EXPECT_TRUE(digests[i].starts_with(begins[i])) << digests[i];
}

// osslsigncode 2.9 of kernel_image() and of the image that plain_uki() makes.
const std::string kKernelDigest =
    "da6eb922207efb9b78a18d574400c369f6b45e6b8015af50fe26608e2355578c097a45a0d3d305d0c5d704e764517a1e";
const std::string kUkiDigest =
    "459730d077014af6d7f588b75848c5fde424b16dd2a0a0f5c662dc8baac1d10417de06560d1340e96fc2453a3e5d69a6";
const std::string kCalling = "77a0dab2312b4e1e57a84d865a21e5b2ee8d677a21012ada819d0a98988078d3";
const std::string kSeparator = "394341b7182cd227c5c6b07ef8000cdfd86136c4292b8e576573ad7ed9ae4101";

TEST(PredictPcrs, OfADirectBoot) {
    const auto kernel = kernel_image();
    const auto prediction = predict_kernel(kernel_boot(kernel));
    ASSERT_TRUE(prediction) << prediction.error().message;
    expect_begin(digests_of(*prediction, 4), {kKernelDigest, kCalling, kSeparator});
    expect_begin(digests_of(*prediction, 1),
                 {"52b9a02de946b947364b57d8210c63113b9058996e2a3ba7cead54af11ae0873",
                  "5068e6a9ded2a1c3a8ebb5d26004410ea8670742d8f444c5c3d161b76c66fa23",
                  "dd424f2eeb35f3e8a2c2f50f6cc87ff90b7577e92ce63e13a22869d07d104fd5", kSeparator});
    expect_begin(digests_of(*prediction, 7),
                 {"9dc3a1f80bcec915391dcda5ffbb15e7419f77eab462bbf72b42166fb70d5032",
                  "6f2e3cbc14f9def86980f5f66fd85e99d63e69a73014ed8a5633ce56eca5b64b",
                  "d607c0efb41c0d757d69bca0615c3a9ac0b1db06c557d992e906c6b7dee40e0e",
                  "08a74f8963b337acb6c93682f934496373679dd26af1089cb4eaf0c30cf260a1",
                  "18cc6e01f0c6ea99aa23f8a280423e94ad81d96d0aeb5180504fc0f7a40cb361", kSeparator});
    expect_begin(digests_of(*prediction, 5),
                 {kSeparator, "214b0bef1379756011344877743fdc2a5382bac6e70362d624ccf3f654407c1b",
                  "0a2e01c85deae718a530ad8c6d20a84009babe6c8989269e950d8cf440c6e997"});
    EXPECT_EQ(names_of(*prediction, 9), Texts{"LOADED_IMAGE::LoadOptions"});
    EXPECT_TRUE(says(prediction->not_predicted, "PCR 0") && says(prediction->not_predicted, "PCR 1"));
    EXPECT_TRUE(says(prediction->assumptions, "firmware: so"));
}

TEST(PredictPcrs, DependOnTheRelease) {
    const auto kernel = kernel_image();
    auto boot = kernel_boot(kernel);
    boot.initrd = digest(as_bytes("initrd"));
    EXPECT_TRUE(first_covers(*predict_kernel(boot), 9).ends_with(": initrd=initrd a"));
    EXPECT_EQ(names_of(*predict_kernel(boot), 9), (Texts{"LOADED_IMAGE::LoadOptions", "Linux initrd"}));
    boot.firmware.layout = tdx::named_layout("202502")->layout;
    EXPECT_TRUE(first_covers(*predict_kernel(boot), 9).ends_with(": a initrd=initrd"));
    expect_begin(digests_of(*predict_kernel(boot), 1),
                 {"1dd6f7b457ad880d840d41c961283bab688e94e4b59359ea45686581e90feccea3c624b1226113f8",
                  "23ada07f5261f12f34a0bd8e46760962d6b4d576a416f1fea1c64bc656b1d28e", kSeparator});
    boot.firmware.secure_boot = SecureBoot::kOff;
    EXPECT_TRUE(
        digests_of(*predict_kernel(boot), 7)[0].starts_with("cfa4e2c606f572627bf06d5669cc2ab1128358d27b45bc63"));
}

TEST(PredictPcrs, GoByWhatTheKernelCanDo) {
    const auto without_initrd = kernel_image(false);
    auto boot = kernel_boot(without_initrd);
    boot.initrd = digest(as_bytes("initrd"));
    auto prediction = predict_kernel(boot);
    EXPECT_EQ(names_of(*prediction, 9), Texts{"LOADED_IMAGE::LoadOptions"});
    EXPECT_TRUE(says(prediction->assumptions, "takes no initrd"));
    const auto silent = pe_image(plain_pe());
    boot.kernel.bytes = silent;
    prediction = predict_kernel(boot);
    EXPECT_TRUE(names_of(*prediction, 9).empty());
    EXPECT_TRUE(says(prediction->assumptions, "measures nothing"));
}

TEST(PredictPcrs, RefuseWhatTheyCannotKnow) {
    const auto kernel = kernel_image();
    auto boot = kernel_boot(kernel);
    boot.command_line = "a\xc3\xa4";
    expect_error(predict_kernel(boot), {"command line: offset 0x1", "0xc3", "ASCII"});
    boot.kernel.bytes = as_bytes("no kernel");
    expect_error(predict_kernel(boot), {"vmlinuz: offset 0x0", "MZ"});
}

TEST(PredictPcrs, OfAUnifiedKernelImage) {
    const auto image = pe_image(plain_uki());
    const auto prediction = predict_uki(uki_boot(image));
    ASSERT_TRUE(prediction) << prediction.error().message;
    expect_begin(digests_of(*prediction, 4), {kCalling, kSeparator, kUkiDigest, kKernelDigest});
    // sha384 of "console=hvc0 panic=1" in UTF-16 with its NUL, by Python's hashlib.
    EXPECT_EQ(
        digests_of(*prediction, 9),
        Texts{"9f331c3da59f8c3b27e74187c5ab6807ac31433e01cebf183630cbfc48321b4bd800df95cb6dcec001c4e5ee8f2f4f70"});
    EXPECT_TRUE(says(prediction->not_predicted, "Linux initrd"));
    EXPECT_EQ(std::ranges::count(prediction->complete, 9U), 0);
    EXPECT_TRUE(names_of(*prediction, 12).empty());
}

TEST(PredictPcrs, OfAdditionsToTheCommandLine) {
    const auto image = pe_image(plain_uki());
    PeRecipe recipe;
    recipe.sections = {{".cmdline", bytes_of("more=1")}};
    const auto addon = pe_image(recipe);
    auto boot = uki_boot(image);
    boot.addons = {{"more.addon.efi", addon}};
    boot.smbios_extra = "last";
    const auto prediction = predict_uki(boot);
    ASSERT_TRUE(prediction) << prediction.error().message;
    EXPECT_EQ(names_of(*prediction, 4), (Texts{"Calling EFI Application from Boot Option", "separator",
                                               "unified kernel image", "addon", "kernel"}));
    EXPECT_EQ(names_of(*prediction, 12), (Texts{"command line of more.addon.efi", "command line of SMBIOS"}));
    EXPECT_TRUE(first_covers(*prediction, 9).ends_with(": console=hvc0 panic=1 more=1 last"));
}

/// PCR 11 as systemd-measure 252 printed it for the sections of plain_uki().
TEST(PredictPcrs, AgreeWithSystemdMeasure) {
    const auto image = pe_image(plain_uki());
    const std::string path = "enter-initrd:leave-initrd:sysinit:ready";
    const std::string ready384 =
        "28509e28f1390350438f4b583183d868c89cdc35697b331714c7aed1e2ae2e44fa7bc167145d33806f1226ead8622447";
    const Json expected = {
        {"sha256",
         {{{"pcr", 11}, {"hash", "50240a7943b6a571d0b23b53bcd6f297fd96332c6c0fc40050933d57c5246dd6"}},
          {{"phase", path},
           {"pcr", 11},
           {"hash", "dd6b9af8a4bdc5956e3837fdf665b361ce812c778ea27c6f1ea8561dc3565e05"}}}},
        {"sha384",
         {{{"pcr", 11},
           {"hash",
            "aa1f7403e2c3815a368b4152ea6b2828f2533d5c22225a90034e5feed67e87c8b389b67723380eba0f11aa758ef84a79"}},
          {{"phase", path}, {"pcr", 11}, {"hash", ready384}}}}};
    auto boot = uki_boot(image);
    const auto json = as_systemd_measure(*predict_uki(boot), {}, {"", path});
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ(*json, expected);
    boot.phases = default_phases();
    const auto lines = as_lines(*predict_uki(boot), {.pcrs = {11}, .banks = {Algorithm::kSha384}});
    ASSERT_TRUE(lines);
    EXPECT_EQ(*lines, "11:sha384=" + ready384 + "\n");
}

}  // namespace
}  // namespace hallmark::tpm
