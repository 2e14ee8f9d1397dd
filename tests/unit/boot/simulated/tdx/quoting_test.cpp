// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/quoting.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "boot/simulated/tdx/td_report.hpp"
#include "common/digest.hpp"
#include "common/file.hpp"
#include "relying-party/verifier/tdx/quote.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::boot {
namespace {

TdFacts facts() {
    TdFacts facts;
    facts.mr_td.fill(0x11);
    facts.mr_config_id.fill(0x22);
    for (std::size_t i = 0; i < facts.rtmr.size(); ++i) facts.rtmr.at(i).fill(static_cast<std::uint8_t>(0x30 + i));
    return facts;
}

std::array<std::uint8_t, 64> challenge() {
    std::array<std::uint8_t, 64> data{};
    data.fill(0x44);
    return data;
}

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
}

TEST(TdxChain, IsMadeOnceAndKeepsNoKeyOfAnAuthority) {
    const hallmark::test::TemporaryFolder folder;
    const auto root = folder.path() / "state/simulated-tdx";
    const auto first = TdxChain::open(root);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(mode_of(root), 0700U);
    EXPECT_EQ(mode_of(root / "pck.key.pem"), 0600U);
    std::size_t keys = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root))
        if (entry.path().string().ends_with(".key.pem")) ++keys;
    EXPECT_EQ(keys, 1U);
    const auto second = TdxChain::open(root);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->pem(), first->pem());
    EXPECT_EQ(second->root(), first->root());
}

class Quoting : public ::testing::TestWithParam<QuoteVersion> {
protected:
    hallmark::test::TemporaryFolder folder_;
    TdxChain chain_ = TdxChain::open(folder_.path() / "chain").value();
    QuotingEnclave enclave_ = QuotingEnclave::make(chain_).value();
    Bytes quote_ = enclave_.quote(td_report(facts(), challenge()), GetParam()).value();
};

TEST_P(Quoting, SaysWhatItWasToldUnderItsRoot) {
    const auto proven = verifier::prove_quote(quote_, chain_.root(), {challenge(), facts().mr_config_id});
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->header.version, static_cast<std::uint16_t>(GetParam()));
    EXPECT_EQ(proven->body.mr_td, facts().mr_td);
    EXPECT_EQ(proven->body.rtmr, facts().rtmr);
    EXPECT_EQ(proven->body.mr_config_id, facts().mr_config_id);
    EXPECT_EQ(proven->body_type, GetParam() == QuoteVersion::kV4 ? tdx::BodyType::kTd10 : tdx::BodyType::kTd15);
}

TEST_P(Quoting, AnotherPlatformsRootDoesNotVouchForIt) {
    const auto other = TdxChain::open(folder_.path() / "other");
    ASSERT_TRUE(other);
    EXPECT_NE(other->root(), chain_.root());
    const auto proven = verifier::prove_quote(quote_, other->root(), {challenge(), facts().mr_config_id});
    ASSERT_FALSE(proven);
    EXPECT_NE(proven.error().message.find("another chain"), std::string::npos) << proven.error().message;
}

INSTANTIATE_TEST_SUITE_P(Versions, Quoting, ::testing::Values(QuoteVersion::kV4, QuoteVersion::kV5));

TEST(TdReport, HashesItsParts) {
    // Places: TDX Module ABI Reference Specification, TDREPORT_STRUCT.
    const tdx::TdReport report = td_report(facts(), challenge());
    const ByteSpan bytes = as_bytes(report);
    EXPECT_TRUE(equal(bytes.subspan(32, 48), sha384(bytes.subspan(256, 239))));
    EXPECT_TRUE(equal(bytes.subspan(80, 48), sha384(bytes.subspan(512, 512))));
    EXPECT_TRUE(equal(bytes.subspan(128, 64), challenge()));
    EXPECT_EQ(bytes[512] & 1U, 0U);  // not debugged
    EXPECT_TRUE(tdx::parse_td_report(bytes));
}

}  // namespace
}  // namespace hallmark::boot
