// SPDX-License-Identifier: Apache-2.0
// The digests are those of a second implementation in another language (tests/integration/svsm_oracle.py), which the
// launch's own test has too.
#include "measure/explain/svsm_space.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "measure/explain/answer.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_svsm.hpp"

namespace hallmark::explain {
namespace {

using namespace hallmark::test;

constexpr std::string_view kTwoCpus =
    "4458fa9abea2cdf727a5eadc87228f23167fee84939071e755152252d3488b83629319bdd0c764a9027516751a541fb3";
constexpr std::string_view kFourCpus =
    "29f2f67184d76a5e2b26058dcce2588a2f3a716fbc53e22019ce8c564b8388c128510bd48ffd4e5493bc1c7969626802";

LaunchRequest request() {
    LaunchRequest request;
    request.vcpus = 2;
    request.signature = 0x800f12;
    request.features = 1;
    request.profile = &snp::kQemu;
    request.firmwares = {"f.fd"};
    request.svsms = {"svsm.bin"};
    request.variables = 0x84000;
    return request;
}

std::vector<std::string> explain(const LaunchRequest& request, std::string_view expected) {
    Sha384 digest{};
    std::ranges::copy(from_hex(expected).value(), digest.begin());
    const auto image = svsm();
    const SvsmSpace space(request, {measure_beside_svsm(firmware(), "f.fd", ovmf::UnknownSections::kRefuse)},
                          {measure_svsm(image, "svsm.bin", ovmf::UnknownSections::kRefuse).value()}, digest);
    const auto outcome = search(space);
    if (outcome.equal) return {"equal"};
    std::vector<std::string> texts;
    for (const auto& explanation : outcome.explanations) texts.push_back(in_words(explanation));
    return texts;
}

using Texts = std::vector<std::string>;

TEST(SvsmSpace, HasTheRequestsOwnDigest) { EXPECT_EQ(explain(request(), kTwoCpus), Texts{"equal"}); }

TEST(SvsmSpace, FindsTheNumberOfCpus) { EXPECT_EQ(explain(request(), kFourCpus), Texts{"--vcpus 4 instead of 2"}); }

TEST(SvsmSpace, FindsTheSizeOfTheVariables) {
    auto asked = request();
    asked.variables = 0x20000;
    EXPECT_EQ(explain(asked, kTwoCpus), Texts{"--vars-size 540672 (a build of 4 MiB) instead of 131072"});
    EXPECT_EQ(explain(asked, kFourCpus),
              Texts{"--vcpus 4 instead of 2 and --vars-size 540672 (a build of 4 MiB) instead of 131072"});
}

TEST(SvsmSpace, TakesNoOtherImageForAnSvsm) {
    expect_error(measure_svsm(firmware(), "f.fd", ovmf::UnknownSections::kRefuse), {"f.fd", "no SVSM information"});
}

}  // namespace
}  // namespace hallmark::explain
