// SPDX-License-Identifier: Apache-2.0
// The digests were printed by sev-snp-measure 0.0.13 for the same images (synthetic.tsv of the test vectors).
#include "measure/sev/launch.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::sev {
namespace {

using namespace hallmark::test;

const snp::KernelHashes& kernel() {
    static const snp::KernelHashes kHashes{sha256(synthetic_kernel()), sha256(synthetic_initrd()),
                                           snp::hash_command_line("console=ttyS0")};
    return kHashes;
}

TEST(SevLaunch, OfFirmwareAndKernel) {
    EXPECT_EQ(to_hex(predict(firmware(), kernel(), std::nullopt, 0, "f.fd").value()),
              "80b1684cf797896c7ce214efb65e7a1abbcf00dc58b35c41b6cd65ead45c100d");
}

TEST(SevLaunch, WithCpus) {
    const auto image = firmware();
    const auto states = cpu_states(snp::kQemu, image, 0x800f12, "f.fd").value();
    Trace trace;
    const auto digest = predict(image, kernel(), states, 4, "f.fd", &trace).value();
    EXPECT_EQ(to_hex(digest), "41361f6661f1a46ed2d5255f5cea3ea8dca0e385a28021d4d66688dbfe890d8c");
    ASSERT_EQ(trace.size(), 6U);
    EXPECT_EQ(trace[0].value, to_hex(sha256(image)));
    EXPECT_EQ(trace[1].what, "kernel hash table");
    EXPECT_EQ(trace[5].value, to_hex(digest));
}

// Without CPUs and kernel it is the file's own hash.
TEST(SevLaunch, OfFirmwareAlone) {
    const auto image = firmware_without_kernel_hashes();
    EXPECT_EQ(predict(image, std::nullopt, std::nullopt, 0, "f.fd").value(), sha256(image));
}

TEST(SevLaunch, LegacyVmTypeIsAnotherLaunch) {
    const auto image = firmware();
    const auto* legacy = snp::find_vmm_profile("QEMU-legacy-es").value();
    const auto states = cpu_states(*legacy, image, 0x800f12, "f.fd").value();
    EXPECT_EQ(states.boot_cpu.mxcsr.get(), 0U);
    EXPECT_NE(to_hex(predict(image, kernel(), states, 4, "f.fd").value()),
              "41361f6661f1a46ed2d5255f5cea3ea8dca0e385a28021d4d66688dbfe890d8c");
}

TEST(SevLaunch, ChangesWithEveryByteOfTheFirmwareAndOfTheCpus) {
    const auto image = firmware_without_kernel_hashes();
    const auto states = cpu_states(snp::kQemu, firmware(), 0x800f12, "f.fd").value();
    const auto digest = [&](const Bytes& bytes, const snp::CpuStates& cpus, std::uint32_t count) {
        return predict(bytes, std::nullopt, cpus, count, "f.fd").value();
    };
    const auto base = digest(image, states, 2);
    for (std::size_t at = 0; at < image.size(); at += 509) {
        auto changed = image;
        changed[at] ^= 1;
        EXPECT_NE(digest(changed, states, 2), base) << at;
    }
    for (std::size_t at = 0; at < sizeof(snp::Vmsa); at += 7) {
        auto changed = states;
        as_writable_bytes(changed.application_cpu)[at] ^= 1;
        EXPECT_NE(digest(image, changed, 2), base) << at;
        EXPECT_EQ(digest(image, changed, 1), digest(image, states, 1)) << "no other CPU, " << at;
    }
}

TEST(SevLaunch, RefusesWhatTheFirmwareCannotMeasure) {
    expect_error(predict(firmware_without_kernel_hashes(), kernel(), std::nullopt, 0, "f.fd"),
                 {"f.fd", "kernel hashes"});
    expect_error(predict(Bytes(4097), std::nullopt, std::nullopt, 0, "f.fd"), {"f.fd", "4097"});
    expect_error(cpu_states(snp::kQemu, Bytes(4096), 0, "f.fd"), {"f.fd", "GUIDed table"});
}

}  // namespace
}  // namespace hallmark::sev
