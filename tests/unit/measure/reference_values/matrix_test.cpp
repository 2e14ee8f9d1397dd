// SPDX-License-Identifier: Apache-2.0
#include "measure/reference_values/matrix.hpp"

#include <gtest/gtest.h>

#include <set>

#include "measure/snp/launch.hpp"
#include "measure/snp/vcpu.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_guest.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

using namespace hallmark::test;

class Matrix : public ::testing::Test {
protected:
    void SetUp() override { write_guest(folder_.path()); }
    Result<ReferenceValues> measure() const {
        HALLMARK_TRY(const Manifest manifest, read_manifest(folder_.path()));
        return measure_image(folder_.path(), manifest);
    }
    TemporaryFolder folder_;
};

TEST_F(Matrix, HasEveryLaunch) {
    const auto values = measure();
    ASSERT_TRUE(values) << values.error().message;
    const auto types = snp::vcpu_types();
    EXPECT_EQ(values->snp.launches.size(), 2 * types.size() * 64);
    for (const auto* line : {"hallmark", "other"})
        for (const auto& type : types)
            for (std::uint32_t vcpus = 1; vcpus <= 64; ++vcpus)
                EXPECT_NE(values->snp.find(line, type.name, vcpus), nullptr) << line << type.name << vcpus;
    EXPECT_EQ(values->snp.find("hallmark", "EPYC", 0), nullptr);
    EXPECT_EQ(values->snp.find("hallmark", "EPYC", 65), nullptr);
}

TEST_F(Matrix, SharesDigestsOnlyBetweenTypesOfOneSignature) {
    const auto values = measure().value();
    std::set<Sha384> digests;
    for (const auto& launch : values.snp.launches) {
        digests.insert(launch.launch_digest);
        for (const auto* same : values.snp.find(launch.launch_digest)) {
            EXPECT_EQ(same->vcpu_signature, launch.vcpu_signature);
            EXPECT_EQ(same->vcpus, launch.vcpus);
            EXPECT_EQ(same->command_line, launch.command_line);
        }
    }
    EXPECT_EQ(digests.size(), 2U * 5 * 64);
    EXPECT_TRUE(values.snp.find(Sha384{}).empty());
}

// Each digest once more, page by page, without the sharing that makes the matrix fast.
TEST_F(Matrix, DigestsAreThoseOfWholeLaunches) {
    const auto values = measure().value();
    const auto image = firmware();
    const auto layout = ovmf::parse_sev_firmware(image, "f.fd").value();
    for (const auto vcpus : {1U, 2U, 17U, 64U}) {
        const snp::KernelHashes kernel{sha256(synthetic_kernel()), sha256({}),
                                       snp::hash_command_line(kOtherCommandLine)};
        snp::LaunchDigest digest;
        add_firmware(digest, image);
        const auto page = hash_page(kernel, 0x810c00);
        add_sections(digest, layout.sections, snp::PageSpan(page));
        add_cpus(digest, snp::kQemu, cpu_states(snp::kQemu, layout, 0xa10f10, 1), vcpus);
        EXPECT_EQ(values.snp.find("other", "EPYC-Genoa", vcpus)->launch_digest, digest.value()) << vcpus;
    }
}

TEST_F(Matrix, RefusesArtefactsThatAreNotThoseOfTheManifest) {
    auto image = firmware();
    image[0] ^= 1;
    write(folder_.path() / "OVMF.amdsev.fd", image);
    expect_error(measure(), {"OVMF.amdsev.fd", "SHA-256"}, Fault::kNo);
}

TEST_F(Matrix, RefusesFirmwareThatCannotMeasureTheKernel) {
    auto described = manifest();
    described["artefacts"]["firmware_amdsev"] = described["artefacts"]["firmware_generic"];
    write_guest(folder_.path(), described);
    expect_error(measure(), {"OVMF.fd", "kernel hashes"});
}

}  // namespace
}  // namespace hallmark
