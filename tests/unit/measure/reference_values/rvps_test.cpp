// SPDX-License-Identifier: Apache-2.0
#include "measure/reference_values/rvps.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "common/hex.hpp"
#include "common/json.hpp"

namespace hallmark {
namespace {

/// What an RVPS reads: the payload of a message of type sample, decoded by OpenSSL's own base64.
Json payload(const std::string& message) {
    const auto json = parse_json(message, "message").value();
    EXPECT_EQ(json.size(), 3U);
    EXPECT_EQ(json["version"].get<std::string>(), "0.1.0");
    EXPECT_EQ(json["type"].get<std::string>(), "sample");
    const auto base64 = json["payload"].get<std::string>();
    std::string text(base64.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size()));
    EXPECT_GT(size, 0);
    text.resize(static_cast<std::size_t>(size));
    while (text.ends_with('\0')) text.pop_back();
    return parse_json(text, "payload").value();
}

TEST(Rvps, SaysWhatFollowsFromTheImage) {
    SnpReferenceValues values;
    values.policy = 0x30000;
    SnpLaunch launch;
    launch.launch_digest.fill(0xab);
    values.launches = {launch, launch};
    launch.launch_digest.fill(0x01);
    values.launches.push_back(launch);
    std::string first;
    std::string second;
    for (int i = 0; i < 48; ++i) {
        first += "ab";
        second += "01";
    }
    const Json expected = {{"snp_launch_measurement", {first, second}},
                           {"snp_guest_abi_major", 0},
                           {"snp_guest_abi_minor", 0},
                           {"snp_smt_allowed", true},
                           {"snp_single_socket", false}};
    EXPECT_EQ(payload(rvps_message(values)), expected);
}

TEST(Rvps, ReadsEveryBitOfThePolicy) {
    SnpReferenceValues values;
    values.policy = 0x120137;
    const auto json = payload(rvps_message(values));
    EXPECT_EQ(json["snp_guest_abi_major"], 1);
    EXPECT_EQ(json["snp_guest_abi_minor"], 0x37);
    EXPECT_EQ(json["snp_smt_allowed"], false);
    EXPECT_EQ(json["snp_single_socket"], true);
    EXPECT_TRUE(json["snp_launch_measurement"].is_array());
}

TEST(Rvps, SaysWhatOnlyThePlatformOwnerKnows) {
    const SnpPlatformValues values{{4}, {0}, {22, 23}, {213}, true, false};
    const Json expected = {{"snp_bootloader", {4}},  {"snp_tee_svn", {0}},      {"snp_snp_svn", {22, 23}},
                           {"snp_microcode", {213}}, {"snp_smt_enabled", true}, {"snp_tsme_enabled", false}};
    EXPECT_EQ(payload(rvps_message(values)), expected);
}

}  // namespace
}  // namespace hallmark
