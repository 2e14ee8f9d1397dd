// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/vmm_profile.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::snp {
namespace {

/// Names the first offset that differs: a page of hexadecimal tells nobody anything.
void expect_page(const Vmsa& state, const std::filesystem::path& path) {
    const auto expected = read_file(path, sizeof state);
    ASSERT_TRUE(expected) << expected.error().message;
    ASSERT_EQ(expected->size(), sizeof state);
    const auto bytes = as_bytes(state);
    for (std::size_t i = 0; i < bytes.size(); ++i) ASSERT_EQ(bytes[i], (*expected)[i]) << "at offset " << i;
}

TEST(VmmProfile, BootCpuOfQemu) {
    HALLMARK_VECTOR(path, "amd-sev/vmsa_QEMU_bsp_sig800f12_feat1.bin");
    expect_page(initial_state(kQemu, CpuRole::kBoot, kQemu.boot_cpu_start, 0x800f12, 1), path);
}

TEST(VmmProfile, ApplicationCpuOfQemu) {
    HALLMARK_VECTOR(path, "amd-sev/vmsa_QEMU_ap_eip_0080b004_sig800f12_feat1.bin");
    expect_page(initial_state(kQemu, CpuRole::kApplication, 0x0080b004, 0x800f12, 1), path);
}

TEST(VmmProfile, SplitsTheStart) {
    Vmsa state;
    set_start(state, 0x1234abcd);
    EXPECT_EQ(state.cs.base.get(), 0x12340000U);
    EXPECT_EQ(state.rip.get(), 0xabcdU);
}

TEST(VmmProfile, IsFoundByName) {
    EXPECT_EQ(find_vmm_profile("QEMU").value(), &kQemu);
    EXPECT_EQ(find_vmm_profile("gce").value()->name, "gce-milan");
    for (const auto* profile : vmm_profiles()) EXPECT_EQ(find_vmm_profile(profile->name).value(), profile);
    test::expect_error(find_vmm_profile("qemu2"), {"qemu2", "QEMU", "ec2-before-2026-04", "gce-genoa"});
}

const VmmProfile& named(std::string_view name) { return *find_vmm_profile(name).value(); }

Vmsa boot_state(std::string_view name) {
    return initial_state(named(name), CpuRole::kBoot, kQemu.boot_cpu_start, 0xa10f10, 1);
}

TEST(VmmProfile, LegacyVmTypeHasNoFpuState) {
    auto state = boot_state("QEMU");
    state.mxcsr = 0;
    state.x87_fcw = 0;
    EXPECT_TRUE(equal(as_bytes(state), as_bytes(boot_state("QEMU-legacy-es"))));
    EXPECT_FALSE(named("QEMU-legacy-es").starts_snp);
}

TEST(VmmProfile, Ec2ChangedRdxOnly) {
    auto state = boot_state("ec2");
    EXPECT_EQ(state.rdx.get(), 0x600U);
    state.rdx = 0;
    EXPECT_TRUE(equal(as_bytes(state), as_bytes(boot_state("ec2-before-2026-04"))));
}

// google/gce-tcb-verifier: 2^48 and 2^52 less one, cut to the page.
TEST(VmmProfile, GceUsesTheProductsLastPage) {
    EXPECT_EQ(named("gce-milan").vmsa_gpa, ((std::uint64_t{1} << 48) - 1) & ~std::uint64_t{0xfff});
    EXPECT_EQ(named("gce-genoa").vmsa_gpa, ((std::uint64_t{1} << 52) - 1) & ~std::uint64_t{0xfff});
    EXPECT_TRUE(equal(as_bytes(boot_state("gce-milan")), as_bytes(boot_state("gce-genoa"))));
}

}  // namespace
}  // namespace hallmark::snp
