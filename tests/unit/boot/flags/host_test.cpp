// SPDX-License-Identifier: Apache-2.0
#include "boot/flags/host.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::boot {
namespace {

void put(const std::filesystem::path& path, std::string_view text) {
    std::filesystem::create_directories(path.parent_path());
    ASSERT_TRUE(write_file(path, as_bytes(text)));
}

bool names(const std::vector<std::string>& missing, std::string_view what) {
    return std::ranges::any_of(missing, [&](const auto& line) { return line.find(what) != std::string::npos; });
}

TEST(MissingFor, AHostWithEverythingLacksNothing) {
    const test::TemporaryFolder root;
    put(root.path() / "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sev sev_es sev_snp debug_swap\n\n");
    put(root.path() / "dev/kvm", "");
    put(root.path() / "dev/sev", "");
    put(root.path() / "sys/module/kvm_amd/parameters/sev_snp", "Y\n");
    EXPECT_TRUE(missing_for(Tee::kSnp, root.path()).empty());
    EXPECT_EQ(missing_for(Tee::kTdx, root.path()).size(), 2U);
}

TEST(MissingFor, EachLackIsNamed) {
    const test::TemporaryFolder root;
    put(root.path() / "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sev_snp_guest xsev_snp\nbugs\t: sev_snp\n");
    put(root.path() / "sys/module/kvm_amd/parameters/sev_snp", "N\n");
    const auto snp = missing_for(Tee::kSnp, root.path());
    EXPECT_EQ(snp.size(), 4U);
    for (const auto* what : {"CPU flag sev_snp", "/dev/kvm", "/dev/sev", "sev_snp is not Y"})
        EXPECT_TRUE(names(snp, what)) << what;
    const auto tdx = missing_for(Tee::kTdx, root.path());
    EXPECT_EQ(tdx.size(), 3U);
    for (const auto* what : {"CPU flag tdx_host_platform", "/dev/kvm", "kvm_intel/parameters/tdx"})
        EXPECT_TRUE(names(tdx, what)) << what;
    EXPECT_TRUE(missing_for(Tee::kSimulatedSnp, root.path()).empty());
}

TEST(FindProgram, InThePathOrAsNamed) {
    EXPECT_EQ(find_program("/a/b", "").value(), "/a/b");
    EXPECT_TRUE(find_program("sh", "").value().ends_with("/sh"));
    EXPECT_NE(find_program("no-such-program", "name it with --qemu").error().message.find("name it with --qemu"),
              std::string::npos);
}

}  // namespace
}  // namespace hallmark::boot
