// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/p256.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::verifier {
namespace {

// The public key of the certificate "Intel SGX TCB Signing", serial number 7e3882d5fb55294a40498e458403e91491bdf455.
constexpr const char* kIntelTcbSigning =
    "43451bcc73c9d5917caf766e61af3fe98087dd4f13257b261e851897799dd13d"
    "6811fb47713803bb9bae587fccddc2e31be9a28b86962acc6daf96da58eeca96";

tdx::P256Pair pair(std::string_view hex) {
    tdx::P256Pair numbers{};
    std::ranges::copy(from_hex(hex).value(), numbers.begin());
    return numbers;
}

/// That Intel signed the document as Collateral writes it again, and no other.
void expect_signed(const std::filesystem::path& path, const std::string& name) {
    const Json json = read_json(path, 1 << 20).value();
    const auto key = p256_key(pair(kIntelTcbSigning), "key").value();
    std::string text = json[name].dump();
    tdx::P256Pair signature = pair(json["signature"].get<std::string>());
    const auto holds = verify_p256(*key, as_bytes(text), signature, name);
    EXPECT_TRUE(holds) << holds.error().message;
    signature[63] ^= 1;
    test::expect_error(verify_p256(*key, as_bytes(text), signature, name), {"does not hold"}, Fault::kNo);
    signature[63] ^= 1;
    text.back() = ' ';
    test::expect_error(verify_p256(*key, as_bytes(text), signature, name), {"does not hold"}, Fault::kNo);
}

TEST(P256, IntelSignedItsTcbInfo) {
    HALLMARK_VECTOR(path, "intel-tdx/tcbInfo.json");
    expect_signed(path, "tcbInfo");
}

TEST(P256, IntelSignedItsQeIdentity) {
    HALLMARK_VECTOR(path, "intel-tdx/enclaveIdentity.json");
    expect_signed(path, "enclaveIdentity");
}

TEST(P256, APointMustBeOfTheCurve) {
    tdx::P256Pair point = pair(kIntelTcbSigning);
    EXPECT_TRUE(p256_key(point, "key"));
    point[63] ^= 1;
    test::expect_error(p256_key(point, "key"), {"key"}, Fault::kNo);
    test::expect_error(p256_key({}, "key"), {"key"}, Fault::kNo);
}

TEST(P256, AnotherCurvesKeySignsNothing) {
    const openssl::Key other(EVP_EC_gen("P-384"));
    test::expect_error(verify_p256(*other, {}, {}, "document"), {"not of P-256"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::verifier
