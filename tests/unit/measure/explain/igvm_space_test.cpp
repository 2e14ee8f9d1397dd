// SPDX-License-Identifier: Apache-2.0
// What a file's launch is taken for when its digest is another one; the digests are put together page by page.
#include "measure/explain/igvm_space.hpp"

#include <gtest/gtest.h>

#include "measure/explain/answer.hpp"
#include "measure/snp/launch_digest.hpp"
#include "tests/support/synthetic_igvm.hpp"

namespace hallmark::explain {
namespace {

using igvm::HeaderType;

constexpr std::uint64_t kKvmVmsaGpa = 0xFFFFFFFFF000;

snp::Vmsa state() {
    snp::Vmsa state;
    state.sev_features = 1U;
    return state;
}

Sha384 page_of(const snp::Vmsa& state) { return sha384(as_bytes(state)); }

/// A page without data and a CPU, and what else there is.
Bytes file(bool for_tdx = false) {
    test::IgvmWriter writer;
    writer.platform(1, igvm::PlatformType::kSevSnp);
    if (for_tdx) writer.platform(2, igvm::PlatformType::kTdx);
    writer.page(0x1000, 3);
    const auto headers = writer.bytes().size();
    const auto context = static_cast<std::uint32_t>(headers + 8 + 24);
    writer.add(HeaderType::kVpContext, igvm::VpContext{kKvmVmsaGpa, 1U, context, {}, {}});
    const auto vmsa = state();
    return writer.bytes(as_bytes(vmsa));
}

IgvmLaunch launch(const Bytes& bytes, const std::string& platform) {
    const auto file = igvm::File::parse(RandomAccess::of(bytes), "f.igvm").value();
    return measure_igvm(file, platform, igvm::Unknown::kRefuse).value();
}

std::vector<std::string> explain(IgvmLaunch own, const Sha384& expected) {
    std::vector<IgvmLaunch> launches;
    launches.push_back(std::move(own));
    const auto outcome = search(IgvmSpace(std::move(launches), expected));
    if (outcome.equal) return {"equal"};
    std::vector<std::string> texts;
    for (const auto& explanation : outcome.explanations) texts.push_back(in_words(explanation));
    return texts;
}

using Texts = std::vector<std::string>;

snp::LaunchDigest memory() {
    snp::LaunchDigest digest;
    digest.normal_page(0x1000, sha384(Bytes(4096)));
    return digest;
}

TEST(IgvmSpace, CountsTheCpusThatTheFileSaysNothingOf) {
    const auto bytes = file();
    auto digest = memory();
    digest.vmsa_page(kKvmVmsaGpa, page_of(state()));
    EXPECT_EQ(explain(launch(bytes, "snp"), digest.value()), Texts{"equal"});
    digest.vmsa_page(kKvmVmsaGpa, page_of(state()));
    digest.vmsa_page(kKvmVmsaGpa, page_of(state()));
    EXPECT_EQ(explain(launch(bytes, "snp"), digest.value()), Texts{"vCPUs 3 instead of 1"});
}

TEST(IgvmSpace, TriesOtherFeaturesAndPageTypes) {
    const auto bytes = file();
    auto other = state();
    other.sev_features = 0x21U;
    auto digest = memory();
    digest.vmsa_page(kKvmVmsaGpa, page_of(other));
    EXPECT_EQ(explain(launch(bytes, "snp"), digest.value()),
              Texts{"SEV_FEATURES 0x21 (with DebugSwap) instead of 0x1"});
    snp::LaunchDigest native;
    native.zero_page(0x1000);
    native.vmsa_page(kKvmVmsaGpa, page_of(state()));
    EXPECT_EQ(explain(launch(bytes, "snp"), native.value()),
              Texts{"pages without data of type ZERO (igvmmeasure --native-zero) instead of pages of zeros"});
    EXPECT_EQ(explain(launch(bytes, "snp"), memory().value()),
              Texts{"VP contexts not measured instead of as in the file"});
}

TEST(IgvmSpace, KnowsTheOtherPlatform) {
    const auto bytes = file(true);
    const auto tdx = launch(bytes, "tdx");
    EXPECT_TRUE(tdx.loaded.pages.empty());
    EXPECT_EQ(explain(launch(bytes, "snp"), tdx.digest), Texts{"--platform tdx instead of snp"});
    const auto snp = launch(bytes, "snp").digest;
    EXPECT_EQ(explain(launch(bytes, "tdx"), snp), Texts{"--platform snp instead of tdx"});
}

}  // namespace
}  // namespace hallmark::explain
