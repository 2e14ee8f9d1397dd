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
    expect_page(initial_state(kQemu, kQemu.boot_cpu_start, 0x800f12, 1), path);
}

TEST(VmmProfile, ApplicationCpuOfQemu) {
    HALLMARK_VECTOR(path, "amd-sev/vmsa_QEMU_ap_eip_0080b004_sig800f12_feat1.bin");
    expect_page(initial_state(kQemu, 0x0080b004, 0x800f12, 1), path);
}

TEST(VmmProfile, SplitsTheStart) {
    Vmsa state;
    set_start(state, 0x1234abcd);
    EXPECT_EQ(state.cs.base.get(), 0x12340000U);
    EXPECT_EQ(state.rip.get(), 0xabcdU);
}

TEST(VmmProfile, IsFoundByName) {
    EXPECT_EQ(find_vmm_profile("QEMU").value(), &kQemu);
    test::expect_error(find_vmm_profile("qemu2"), {"qemu2", "QEMU"});
}

}  // namespace
}  // namespace hallmark::snp
