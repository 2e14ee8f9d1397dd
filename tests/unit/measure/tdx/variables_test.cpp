// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/variables.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"

namespace hallmark::tdx {
namespace {

std::string digest_of_variable(const Guid& vendor, std::string_view name, ByteSpan data = {}) {
    return to_hex(sha384(variable_data(vendor, name, data)));
}

constexpr Guid kFirmwareVolume = guid("7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1");
constexpr Guid kSetup = guid("462caa21-7614-4503-836e-8ab6f4662331");
constexpr Guid kMenu = guid("eec25bdc-67f2-4d95-b1d5-f81b2039d11d");

// All values of this file were seen in logs of real guests (intel-tdx/CCEL_data_ovmf, and one of dstack 0.5.10).
TEST(Variables, OfSecureBootAreWhatLogsHave) {
    EXPECT_EQ(digest_of_variable(kGlobalVariables, "SecureBoot"),
              "9dc3a1f80bcec915391dcda5ffbb15e7419f77eab462bbf72b42166fb70d5032"
              "5e37b36f93537a863769bcf9bedae6fb");
    EXPECT_EQ(digest_of_variable(kGlobalVariables, "SecureBoot", Bytes{0}),
              "cfa4e2c606f572627bf06d5669cc2ab1128358d27b45bc63ee9ea56ec109cfaf"
              "b7194006f847a6a74b5eaed6b73332ec");
    EXPECT_EQ(digest_of_variable(kGlobalVariables, "SecureBoot", Bytes{1}),
              "2cded0c6f453d4c6f59c5e14ec61abc6b018314540a2367cba326a52aa2b315c"
              "cc08ce68a816ce09c6ef2ac7e514ae1f");
    EXPECT_EQ(digest_of_variable(kGlobalVariables, "PK"),
              "6f2e3cbc14f9def86980f5f66fd85e99d63e69a73014ed8a5633ce56eca5b64b"
              "692108c56110e22acadcef58c3250f1b");
    EXPECT_EQ(digest_of_variable(kGlobalVariables, "KEK"),
              "d607c0efb41c0d757d69bca0615c3a9ac0b1db06c557d992e906c6b7dee40e0e"
              "031640c7bfd7bcd35844ef9edeadc6f9");
    EXPECT_EQ(digest_of_variable(kSecurityDatabases, "db"),
              "08a74f8963b337acb6c93682f934496373679dd26af1089cb4eaf0c30cf260a1"
              "2e814856385ab8843e56a9acea19e127");
    EXPECT_EQ(digest_of_variable(kSecurityDatabases, "dbx"),
              "18cc6e01f0c6ea99aa23f8a280423e94ad81d96d0aeb5180504fc0f7a40cb361"
              "9dd39bd6a95ec1680a86ed6ab0f9828d");
}

TEST(Variables, OfTheBootAreWhatLogsHave) {
    EXPECT_EQ(to_hex(sha384(boot_order(1))),
              "1dd6f7b457ad880d840d41c961283bab688e94e4b59359ea45686581e90feccea"
              "3c624b1226113f824f315eb60ae0a7c");
    EXPECT_EQ(to_hex(sha384(boot_order(2))),
              "52b9a02de946b947364b57d8210c63113b9058996e2a3ba7cead54af11ae0873"
              "b085d1e52bc01e4febe57ca05ca1332b");
    EXPECT_EQ(to_hex(sha384(load_option({0x109, "UiApp", kFirmwareVolume, kSetup}))),
              "23ada07f5261f12f34a0bd8e46760962d6b4d576a416f1fea1c64bc656b1d28e"
              "acf7047ae6e967c58fd2a98bfa74c298");
    EXPECT_EQ(to_hex(sha384(load_option({0x109, "BootManagerMenuApp", kFirmwareVolume, kMenu}))),
              "5068e6a9ded2a1c3a8ebb5d26004410ea8670742d8f444c5c3d161b76c66fa23"
              "a7b1d2fb3f9840570b675384b5818f2d");
    EXPECT_EQ(to_hex(sha384(load_option({0x101, "EFI Firmware Setup", kFirmwareVolume, kSetup}))),
              "dd424f2eeb35f3e8a2c2f50f6cc87ff90b7577e92ce63e13a22869d07d104fd5"
              "ea9800e6e4f12c5058fc4eaa78374f20");
}

}  // namespace
}  // namespace hallmark::tdx
