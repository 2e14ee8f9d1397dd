// SPDX-License-Identifier: Apache-2.0
// Digests that sev-snp-measure 0.0.13 printed (synthetic.tsv of the test vectors), looked for from other requests.
#include <gtest/gtest.h>

#include <algorithm>

#include "common/hex.hpp"
#include "measure/explain/answer.hpp"
#include "measure/explain/sev_space.hpp"
#include "measure/explain/snp_space.hpp"
#include "measure/snp/vcpu.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::explain {
namespace {

using namespace hallmark::test;

constexpr std::string_view kLine = "console=ttyS0";
constexpr std::uint32_t kNaples = 0x800f12;

/// 4 CPUs EPYC-v4 with kernel, initrd and kLine.
LaunchRequest request() {
    LaunchRequest request;
    request.vcpus = 4;
    request.cpu_type = "EPYC-v4";
    request.signature = kNaples;
    request.features = 1;
    request.profile = &snp::kQemu;
    request.kernel = {sha256(synthetic_kernel()), sha256(synthetic_initrd()), snp::hash_command_line(kLine)};
    request.kernel_name = "k";
    request.initrd_name = "i";
    request.command_line = kLine;
    request.firmwares = {"f.fd"};
    return request;
}

template <class Digest>
Digest digest(std::string_view hex) {
    const auto bytes = from_hex(hex).value();
    Digest digest{};
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

std::vector<std::string> words(const Space& space) {
    std::vector<std::string> texts;
    for (const auto& explanation : search(space).explanations) texts.push_back(in_words(explanation));
    return texts;
}

std::vector<std::string> explain_snp(const LaunchRequest& request, std::string_view expected) {
    std::vector<snp::MeasuredFirmware> firmwares = {snp::measure_firmware(firmware(), "f.fd").value()};
    return words(SnpSpace(request, std::move(firmwares), digest<Sha384>(expected)));
}

std::vector<std::string> explain_seves(const LaunchRequest& request, std::string_view expected) {
    const auto image = firmware();
    std::vector<SevSpace::Firmware> firmwares = {{image, ovmf::parse_sev_tables(image, "f.fd").value()}};
    return words(SevSpace(request, std::move(firmwares), digest<Sha256>(expected)));
}

using Texts = std::vector<std::string>;

constexpr std::string_view kEc2 =
    "a234775e4483911abf841ad6d4673ffca751a2b125d7ad1b1f365a41c7aae4da0fac51cc62fa688bf086018b5821dc76";
constexpr std::string_view kTurin =
    "38fd00bf88ceb68faab3c02aa4a3ec2a8e4bbd79a4863226419cc451b68546dee12ca150f52d3729b5bad5fef35c4659";
constexpr std::string_view kNoKernel64 =
    "df9ce524551f228d23324e5e3028bdb00de42a565771c12a891083d928413afc344104f7631cf5b71710fcbdb8e1c006";
constexpr std::string_view kSevEs = "41361f6661f1a46ed2d5255f5cea3ea8dca0e385a28021d4d66688dbfe890d8c";
constexpr std::string_view kSev = "80b1684cf797896c7ce214efb65e7a1abbcf00dc58b35c41b6cd65ead45c100d";

TEST(SnpSpace, FindsAnotherHypervisor) {
    EXPECT_EQ(explain_snp(request(), kEc2), Texts{"--vmm-type ec2 (Amazon EC2 since 2026-04) instead of QEMU"});
}

TEST(SnpSpace, FindsAPairOfCountAndModel) {
    EXPECT_EQ(explain_snp(request(), kTurin), Texts{"--vcpus 3 instead of 4 and --vcpu-type EPYC-Turin (or any other "
                                                    "model of signature 0xb00f00) instead of EPYC-v4"});
}

TEST(SnpSpace, FindsAKernelThatIsNotMeasured) {
    EXPECT_EQ(explain_snp(request(), kNoKernel64),
              Texts{"--vcpus 64 instead of 4 and no --kernel (or QEMU started without kernel-hashes=on)"});
}

TEST(SnpSpace, FindsASignatureThatNoModelHas) {
    auto asked = request();
    asked.vcpus = 3;
    asked.cpu_type.reset();
    asked.signature = snp::CpuModel{25, 33, 2}.signature();
    EXPECT_EQ(explain_snp(asked, kTurin), Texts{"--vcpu-sig 0xb00f00 (that of EPYC-Turin) instead of 0xa20f12"});
}

TEST(SnpSpace, FindsASlipInTheCommandLine) {
    for (const char* line : {"console=ttyS0\n", " console=ttyS0", "\"console=ttyS0\"", "initrd=initrd console=ttyS0"}) {
        auto asked = request();
        asked.vcpus = 3;
        asked.signature = 0xb00f00;
        asked.command_line = line;
        const auto found = explain_snp(asked, kTurin);
        ASSERT_EQ(found.size(), 1U) << line;
        EXPECT_TRUE(found[0].starts_with("--append console=ttyS0 instead of ")) << found[0];
    }
}

TEST(SnpSpace, FindsAFirmwareOfAFolder) {
    auto asked = request();
    asked.profile = snp::find_vmm_profile("ec2").value();
    FirmwareRecipe recipe;
    recipe.reset_address = 0x80B014;
    asked.firmwares = {"other.fd", "f.fd"};
    std::vector<snp::MeasuredFirmware> firmwares = {snp::measure_firmware(firmware(recipe), "other.fd").value(),
                                                    snp::measure_firmware(firmware(), "f.fd").value()};
    EXPECT_EQ(words(SnpSpace(asked, std::move(firmwares), digest<Sha384>(kEc2))),
              Texts{"--ovmf f.fd instead of other.fd"});
}

TEST(SnpSpace, HasTheRequestsOwnDigest) {
    auto asked = request();
    asked.profile = snp::find_vmm_profile("ec2").value();
    std::vector<snp::MeasuredFirmware> firmwares = {snp::measure_firmware(firmware(), "f.fd").value()};
    const SnpSpace space(asked, std::move(firmwares), digest<Sha384>(kEc2));
    EXPECT_EQ(to_hex(space.value()), kEc2);
    EXPECT_TRUE(search(space).equal);
}

TEST(SnpSpace, TriesMoreCpusThanUsualOnlyIfAsked) {
    auto asked = request();
    asked.profile = snp::find_vmm_profile("ec2").value();
    asked.vcpus = kMostTriedVcpus + 1;
    EXPECT_EQ(explain_snp(asked, kEc2), Texts{"--vcpus 4 instead of 513"});
}

TEST(SevSpace, FindsCpusOfSevEs) {
    auto asked = request();
    asked.snp = false;
    asked.features = 0;
    asked.vcpus = 1;
    EXPECT_EQ(explain_seves(asked, kSevEs), Texts{"--vcpus 4 instead of 1"});
    asked.vcpus = 4;
    asked.profile = snp::find_vmm_profile("QEMU-legacy-es").value();
    EXPECT_EQ(
        explain_seves(asked, kSevEs),
        (Texts{"--vmm-type QEMU (QEMU with KVM) instead of QEMU-legacy-es",
               "--vmsa 'mxcsr=0x1f80 --vmsa x87_fcw=0x37f' (a KVM that hands over the FPU state) instead of none"}));
}

TEST(SevSpace, FindsCommandLineOfSev) {
    auto asked = request();
    asked.snp = false;
    asked.vcpus.reset();
    asked.command_line = "'console=ttyS0'";
    const auto found = explain_seves(asked, kSev);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].starts_with("--append console=ttyS0 instead of ")) << found[0];
}

}  // namespace
}  // namespace hallmark::explain
