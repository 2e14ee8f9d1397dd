// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/chain.hpp"
#include "boot/simulated/key_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "boot/simulated/product.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::boot {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
}

TEST(SimulatedChain, IsMadeOnceAndKeptWhereOnlyItsOwnerReads) {
    const test::TemporaryFolder folder;
    const auto root = folder.path() / "state/simulated-snp";
    int made = 0;
    const auto first = SimulatedChain::open(root, [&] { ++made; });
    ASSERT_TRUE(first) << first.error().message;
    const auto& product = product_of({.family = 25, .model = 1, .stepping = 1});
    const auto vcek = first->vcek(product);
    ASSERT_TRUE(vcek);
    EXPECT_EQ(mode_of(root), 0700U);
    EXPECT_FALSE(std::filesystem::exists(root / "ark.key.pem"));
    std::size_t keys = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root))
        if (entry.path().string().ends_with(".key.pem")) {
            EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
            ++keys;
        }
    EXPECT_EQ(keys, 2U);

    const auto second = SimulatedChain::open(root, [&] { ++made; });
    ASSERT_TRUE(second);
    EXPECT_EQ(made, 1);
    EXPECT_EQ(second->ark(), first->ark());
    EXPECT_EQ(second->chip_id(product), first->chip_id(product));
    EXPECT_EQ(x509::to_der(*second->vcek(product)->certificate).value(), x509::to_der(*vcek->certificate).value());

    ASSERT_EQ(::chmod((root / "ask.key.pem").c_str(), 0644), 0);
    EXPECT_NE(SimulatedChain::open(root, [] {}).error().message.find("others can read this key"), std::string::npos);
}

TEST(Product, FollowsTheCpu) {
    // Names and numbers: QEMU 11.1, target/i386/cpu.c; APM volume 3, appendix E.3.
    EXPECT_EQ(cpu_model(0x800f12), (snp::CpuModel{.family = 23, .model = 1, .stepping = 2}));
    EXPECT_EQ(cpu_model(0x830f10), (snp::CpuModel{.family = 23, .model = 49, .stepping = 0}));
    EXPECT_EQ(cpu_model(0xa10f10), (snp::CpuModel{.family = 25, .model = 17, .stepping = 0}));
    EXPECT_EQ(product_of(cpu_model(0x800f12)).line, "Milan");
    EXPECT_EQ(product_of(cpu_model(0xa00f11)).line, "Milan");
    EXPECT_EQ(product_of(cpu_model(0xa10f10)).line, "Genoa");
    EXPECT_EQ(product_of(cpu_model(0xb00f21)).line, "Turin");
    const auto& turin = product_of(cpu_model(0xb00f00));
    EXPECT_EQ(turin.tcb_version(), (snp::TcbVersion{1, 1, 1, 4, 0, 0, 0, 71}));
    EXPECT_EQ(snp::decode_tcb(turin.tcb_version(), turin.layout), turin.tcb);
}

TEST(DefaultChainFolder, ComesFromTheEnvironment) {
    ::setenv("HOME", "/home/someone", 1);
    ::unsetenv("XDG_STATE_HOME");
    EXPECT_EQ(state_folder("simulated-snp").value(), "/home/someone/.local/state/hallmark/simulated-snp");
    ::setenv("XDG_STATE_HOME", "/state", 1);
    EXPECT_EQ(state_folder("simulated-snp").value(), "/state/hallmark/simulated-snp");
    ::unsetenv("XDG_STATE_HOME");
    ::unsetenv("HOME");
    EXPECT_FALSE(state_folder("simulated-snp"));
}

}  // namespace
}  // namespace hallmark::boot
