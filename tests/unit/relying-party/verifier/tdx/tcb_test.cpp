// SPDX-License-Identifier: Apache-2.0
// Statuses: by hand from Intel's rules (Provisioning Certification Service API, version 4, Get TDX TCB Info).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/formats/tdx_evidence.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/tdx/qe_identity.hpp"
#include "relying-party/verifier/tdx/verify.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/unit/relying-party/verifier/tdx/platform.hpp"

namespace hallmark::verifier {
namespace {

using test::platform;
using test::QeIdentityText;
using test::QuoteText;
using test::TcbInfoText;

Result<Verified> verify(const QuoteText& quote, const Collateral& collateral, std::time_t at = test::kJune2026) {
    TdxTrust trust;
    trust.simulated_roots = {platform().root()};
    trust.collateral = &collateral;
    trust.at = at;
    return verify_tdx({platform().quote(quote), {}}, trust);
}

struct Case {
    const char* name;
    QuoteText quote;
    TcbInfoText info;
    QeIdentityText qe;
    const char* status;
    std::vector<std::string> advisories;
};

class TcbStatusOf : public ::testing::TestWithParam<Case> {};

TEST_P(TcbStatusOf, IsThatOfThePlatformItsModuleAndItsEnclave) {
    const auto& [name, quote, info, qe, status, advisories] = GetParam();
    const auto verified = verify(quote, platform().collateral(info, qe));
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->claims["tcb_status"], status);
    EXPECT_EQ(verified->claims["advisory_ids"], advisories);
    EXPECT_EQ(verified->claims["collateral_expiration_status"], "0");
}

const std::vector<std::string> kBelow = {"INTEL-SA-00001", "INTEL-SA-00003"};
const std::vector<std::string> kPart = {"INTEL-SA-00002"};
constexpr auto k15 = tdx::BodyType::kTd15;

INSTANTIATE_TEST_SUITE_P(
    Rules, TcbStatusOf,
    ::testing::Values(
        Case{"current", {}, {}, {}, "UpToDate", {}},
        Case{"pce_below", {}, {.top_pce_svn = "14"}, {}, "OutOfDate", kBelow},
        Case{"module_without_identity_below", {.svn = {4, 0, 2}}, {}, {}, "OutOfDate", kBelow},
        Case{"module_of_its_own_current", {.svn = {4, 1, 2}}, {}, {}, "UpToDate", {}},
        Case{"module_of_its_own_below", {.svn = {3, 1, 2}}, {}, {}, "OutOfDate", kPart},
        Case{"module_below_and_configuration",
             {.svn = {2, 1}},
             {.top = "ConfigurationNeeded"},
             {},
             "OutOfDateConfigurationNeeded",
             kPart},
        Case{"module_revoked", {.svn = {9, 1}}, {.module = "Revoked"}, {}, "Revoked", {}},
        Case{"hardening", {}, {.top = "SWHardeningNeeded"}, {}, "SWHardeningNeeded", {}},
        Case{"hardening_and_enclave_below", {.qe_svn = 3}, {.top = "SWHardeningNeeded"}, {}, "OutOfDate", kPart},
        Case{"both", {}, {.top = "ConfigurationAndSWHardeningNeeded"}, {}, "ConfigurationAndSWHardeningNeeded", {}},
        Case{"both_and_enclave_below",
             {.qe_svn = 3},
             {.top = "ConfigurationAndSWHardeningNeeded"},
             {},
             "OutOfDateConfigurationNeeded",
             kPart},
        Case{"enclave_revoked", {}, {}, {.status = "Revoked"}, "Revoked", {}},
        Case{"platform_revoked", {}, {.top = "Revoked"}, {}, "Revoked", {}},
        Case{"launched_below_runs_current",
             {.type = k15, .svn = {3, 1, 2}, .svn2 = {4, 1, 2}},
             {},
             {},
             "TDRelaunchAdvised",
             kPart},
        Case{"launched_below_with_configuration",
             {.type = k15, .svn = {3, 1, 2}, .svn2 = {4, 1, 2}},
             {.top = "ConfigurationNeeded"},
             {},
             "TDRelaunchAdvisedConfigurationNeeded",
             kPart},
        Case{"launched_and_runs_below", {.type = k15, .svn = {3, 1, 2}, .svn2 = {3, 1, 2}}, {}, {}, "OutOfDate", kPart},
        Case{"td_1_0_has_no_second_svn", {.svn = {3, 1, 2}, .svn2 = {4, 1, 2}}, {}, {}, "OutOfDate", kPart}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Tcb, APlatformThatNoLevelKnowsIsRefused) {
    const auto with = [](const QuoteText& quote, const TcbInfoText& info, const QeIdentityText& qe = {}) {
        return verify(quote, platform().collateral(info, qe));
    };
    test::expect_error(with({.svn = {2, 0, 2}}, {}), {"below every TCB level"}, Fault::kNo);
    test::expect_error(with({.svn = {1, 1, 2}}, {}), {"TDX_01", "below every"}, Fault::kNo);
    test::expect_error(with({.svn = {9, 2, 2}}, {}), {"no identity", "TDX_02"}, Fault::kNo);
    test::expect_error(with({.qe_svn = 2}, {}), {"ISVSVN 2"}, Fault::kNo);
    test::expect_error(with({}, {.mr_signer = std::string(95, '0') + "1"}), {"MRSIGNERSEAM"}, Fault::kNo);
    test::expect_error(with({.type = k15, .svn2 = {9, 2}}, {}), {"TDX_02"}, Fault::kNo);
}

TEST(Tcb, AnotherEnclaveIsNoQuotingEnclave) {
    const auto with = [](const QeIdentityText& qe, const QuoteText& quote = {}) {
        return verify(quote, platform().collateral({}, qe));
    };
    test::expect_error(with({.mr_signer = std::string(63, 'A') + "B"}), {"MRSIGNER"}, Fault::kNo);
    test::expect_error(with({.product = "1"}), {"ISVPRODID"}, Fault::kNo);
    test::expect_error(with({.misc_select = "01000000"}), {"MISCSELECT"}, Fault::kNo);
    test::expect_error(with({.attributes = "01000000000000000000000000000000"}), {"ATTRIBUTES"}, Fault::kNo);
    test::expect_error(with({}, {.qe_attributes = 0x17}), {"ATTRIBUTES"}, Fault::kNo);  // DEBUG
    EXPECT_TRUE(with({}, {.qe_attributes = 0x11}));                                     // MODE64BIT is masked out
}

TEST(Tcb, WithoutCollateralTheQuotingEnclaveIsStillIntels) {
    tdx::EnclaveReport report;
    // MRSIGNER: as the vectors enclaveIdentity.json, quote_v4.dat and quote_v5.dat have it.
    std::ranges::copy(from_hex("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5").value(),
                      report.mr_signer.begin());
    report.isv_prod_id = 2U;
    report.attributes[0] = 0x15;
    EXPECT_TRUE(check_qe(report, intel_td_qe()));
    const auto with = [&](auto change) {
        auto other = report;
        change(other);
        return check_qe(other, intel_td_qe());
    };
    test::expect_error(with([](auto& r) { r.mr_signer[31] ^= 1; }), {"MRSIGNER"}, Fault::kNo);
    test::expect_error(with([](auto& r) { r.isv_prod_id = 1U; }), {"ISVPRODID"}, Fault::kNo);
    test::expect_error(with([](auto& r) { r.attributes[0] = 0x17; }), {"ATTRIBUTES"}, Fault::kNo);
}

TEST(Tcb, CollateralOfAnotherPlatformSaysNothing) {
    test::expect_error(verify({}, platform().collateral({.fmspc = "000000514D01"})), {"no TCB info", "0000514d00"},
                       Fault::kNo);
    test::expect_error(verify({}, platform().collateral({.pce_id = "0001"})), {"no TCB info"}, Fault::kNo);
}

TEST(Tcb, WhatIsOutOfDateSaysSo) {
    const auto status = [](const Collateral& collateral, std::time_t at) {
        const auto verified = verify({}, collateral, at);
        if (!verified) return verified.error().message;
        EXPECT_EQ(verified->claims["tcb_status"], "UpToDate");
        return verified->claims["collateral_expiration_status"].get<std::string>();
    };
    constexpr std::time_t kSoon = test::kJune2026 + 100;
    EXPECT_EQ(status(platform().collateral(), kSoon), "0");
    EXPECT_EQ(status(platform().collateral({.next = "2026-05-28T20:26:41Z"}), kSoon), "1");
    EXPECT_EQ(status(platform().collateral({}, {.next = "2026-05-28T20:26:41Z"}), kSoon), "1");
    for (const std::size_t list : {0U, 1U}) {
        auto collateral = platform().collateral();
        const auto& issuer = list == 0 ? platform().root_pair() : platform().ca_pair();
        collateral.crls[list].bytes = test::TestPlatform::crl(issuer, {}, test::kJune2026 + 1);
        EXPECT_EQ(status(collateral, kSoon), "1");
    }
}

TEST(Tcb, WhatWasIssuedLaterIsRefused) {
    constexpr std::time_t kBefore = 1'779'235'199;  // 2026-05-19T23:59:59Z
    auto collateral = platform().collateral();
    collateral.crls[0].bytes = test::TestPlatform::crl(platform().root_pair(), {}, kBefore + 1000, kBefore - 1000);
    collateral.crls[1].bytes = test::TestPlatform::crl(platform().ca_pair(), {}, kBefore + 1000, kBefore - 1000);
    test::expect_error(verify({}, collateral, kBefore), {"tcb.json", "issued on 2026-05-20T00:00:00Z"}, Fault::kNo);
    collateral = platform().collateral();
    test::expect_error(verify({}, collateral, kBefore), {"root.crl", "issued on"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::verifier
