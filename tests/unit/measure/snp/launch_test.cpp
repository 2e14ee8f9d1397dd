// SPDX-License-Identifier: Apache-2.0
// Whole launches. The digests were printed by sev-snp-measure 0.0.13 for the same images (synthetic.tsv of the test
// vectors).
#include "measure/snp/launch.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "measure/snp/vcpu.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::snp {
namespace {

using namespace hallmark::test;

struct Guest {
    Bytes image = firmware();
    std::optional<KernelHashes> kernel = std::nullopt;
    std::string_view type = "EPYC-v4";
    std::uint32_t vcpus = 1;
    std::uint64_t features = 1;
};

Result<std::string> digest_of(const Guest& guest) {
    HALLMARK_TRY(const ovmf::SevFirmware firmware, ovmf::parse_sev_firmware(guest.image, "f.fd"));
    HALLMARK_TRY(const VcpuType type, find_vcpu_type(guest.type));
    LaunchDigest digest;
    add_firmware(digest, guest.image);
    HALLMARK_TRY(const Sha384 memory, predict_sections(digest.value(), firmware, guest.kernel, "f.fd"));
    LaunchDigest launch(memory);
    add_cpus(launch, kQemu, cpu_states(kQemu, firmware, type.model.signature(), guest.features), guest.vcpus);
    return to_hex(launch.value());
}

KernelHashes kernel_with_initrd(std::string_view command_line) {
    return {sha256(synthetic_kernel()), sha256(synthetic_initrd()), hash_command_line(command_line)};
}

TEST(Launch, WithoutKernel) {
    EXPECT_EQ(digest_of({}).value(),
              "792928a75dec7205ee88d839a2f276d89156876eacdb97cd2541103b9c11d24b9bc48c5f36e0016f550bbf068787eecd");
    EXPECT_EQ(digest_of({.vcpus = 64}).value(),
              "df9ce524551f228d23324e5e3028bdb00de42a565771c12a891083d928413afc344104f7631cf5b71710fcbdb8e1c006");
}

TEST(Launch, WithKernelAndInitrd) {
    EXPECT_EQ(digest_of({.kernel = kernel_with_initrd("console=ttyS0"), .type = "EPYC-Turin", .vcpus = 3}).value(),
              "38fd00bf88ceb68faab3c02aa4a3ec2a8e4bbd79a4863226419cc451b68546dee12ca150f52d3729b5bad5fef35c4659");
}

TEST(Launch, WithKernelOnly) {
    const KernelHashes kernel{sha256(synthetic_kernel()), hash_no_initrd(), hash_command_line("")};
    EXPECT_EQ(digest_of({.kernel = kernel, .type = "EPYC-Milan", .vcpus = 3, .features = 0x21}).value(),
              "d26d40e260fd3b700cdef99ac603f30596eff59327142c8d63d6b8fd419d2bd54fbcb22380d51cf6c46bf57cbff3074b");
}

TEST(Launch, FollowsTheOrderOfTheSections) {
    FirmwareRecipe recipe{.size = 0x40000};
    recipe.sections = {{0x810000, 0x1000, 0x10},
                       {0x800000, 0x9000, 1},
                       {0x80A000, 0x3000, 1},
                       {0x80D000, 0x1000, 2},
                       {0x80E000, 0x1000, 3}};
    EXPECT_EQ(digest_of({.image = firmware(recipe),
                         .kernel = kernel_with_initrd("console=ttyS0"),
                         .type = "EPYC-Turin",
                         .vcpus = 3})
                  .value(),
              "784a828571f90720bcf4f223edd5e53aa03ee048af74023bf817d53df1ee10d27590d8384ddfe71dae46517bbb4b166d");
}

TEST(Launch, WithoutHashTable) {
    EXPECT_EQ(digest_of({.image = firmware_without_kernel_hashes(), .vcpus = 2}).value(),
              "9a9e47cc366ec8f5e40296fcdac22d3bffb1e755493c330962494161c0fa5a5753c6caf8e1322ed25f7d193698ba0889");
}

TEST(Launch, RefusesAKernelThatWouldNotBeMeasured) {
    const KernelHashes kernel{sha256(synthetic_kernel()), hash_no_initrd(), hash_command_line("x")};
    expect_error(digest_of({.image = firmware_without_kernel_hashes(), .kernel = kernel}),
                 {"f.fd", "no section for kernel hashes"});
    // A table without a section, and a section without a table.
    FirmwareRecipe only_table;
    only_table.sections = {{0x800000, 0x1000, 1}};
    expect_error(digest_of({.image = firmware(only_table), .kernel = kernel}), {"no section for kernel hashes"});
    expect_error(digest_of({.image = firmware({.hash_table = {0, 0}}), .kernel = kernel}),
                 {"no section for kernel hashes"});
}

TEST(Launch, AnyBitOfTheFirmwareCounts) {
    auto image = firmware();
    image[0] ^= 1;
    EXPECT_NE(digest_of({.image = image}).value(), digest_of({}).value());
}

}  // namespace
}  // namespace hallmark::snp
