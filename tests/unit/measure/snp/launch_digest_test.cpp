// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/launch_digest.hpp"

#include <gtest/gtest.h>

#include <array>

#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

TEST(LaunchDigest, StartsWithZero) { EXPECT_EQ(to_hex(LaunchDigest().value()), std::string(96, '0')); }

// The two values are those of google/gce-tcb-verifier, through the test vectors' README.
TEST(LaunchDigest, ChainsNormalPages) {
    Bytes pages(3 * kPageSize);
    for (std::size_t i = 0; i < 16; ++i) {
        pages[i] = static_cast<std::uint8_t>("LGTM"[i % 4]);
        pages[pages.size() - 16 + i] = static_cast<std::uint8_t>("LGTM"[i % 4]);
    }
    LaunchDigest digest;
    for (std::size_t at = 0; at < pages.size(); at += kPageSize)
        digest.normal_page(at, PageSpan(ByteSpan(pages).subspan(at, kPageSize)));
    EXPECT_EQ(to_hex(digest.value()),
              "cba1cd767c33b30f96271837dbbae4081a945464a5af397b9b0336b5d8759ee8"
              "8cc6b62c05d915c4424a9ac5747437d4");
}

TEST(LaunchDigest, ChainsZeroPages) {
    LaunchDigest digest;
    for (const std::uint64_t gpa : {0x9000U, 0xa000U, 0xb000U}) digest.zero_page(gpa);
    EXPECT_EQ(to_hex(digest.value()),
              "4bfe18477ba370a50329da74b9621e721c4f29663176e08fbcf088a17c1bc45f"
              "133898b86d5082acbe202a6e9419808a");
}

TEST(LaunchDigest, GoesOnFromAValue) {
    LaunchDigest whole;
    whole.zero_page(0x1000);
    LaunchDigest rest(whole.value());
    whole.secrets_page(0x2000);
    rest.secrets_page(0x2000);
    EXPECT_EQ(whole.value(), rest.value());
}

TEST(LaunchDigest, TellsTypesAndAddressesApart) {
    const std::array<std::uint8_t, kPageSize> zeros{};
    std::array<LaunchDigest, 7> digests;
    digests[0].normal_page(0x1000, zeros);
    digests[1].zero_page(0x1000);
    digests[2].secrets_page(0x1000);
    digests[3].cpuid_page(0x1000);
    digests[4].vmsa_page(0x1000, Vmsa{});
    digests[5].zero_page(0x2000);
    digests[6].unmeasured_page(0x1000);
    for (std::size_t i = 0; i < digests.size(); ++i)
        for (std::size_t k = 0; k < i; ++k) EXPECT_NE(digests[i].value(), digests[k].value()) << i << " " << k;
}

TEST(LaunchDigest, TracesEveryPage) {
    Trace trace;
    LaunchDigest digest({}, &trace);
    digest.part("memory");
    digest.zero_page(0x9000);
    digest.part("boot CPU");
    digest.vmsa_page(0xFFFFFFFFF000, Vmsa{});
    ASSERT_EQ(trace.size(), 2U);
    EXPECT_EQ(trace[0].what, "memory: ZERO page at 0x9000");
    EXPECT_EQ(trace[0].inputs, "content " + std::string(96, '0'));
    EXPECT_EQ(trace[1].what, "boot CPU: VMSA page at 0xfffffffff000");
    EXPECT_EQ(trace[1].inputs, "content " + to_hex(sha384(as_bytes(Vmsa{}))));
    EXPECT_EQ(trace[1].value, to_hex(digest.value()));
}

TEST(LaunchDigest, TakesAStateByItsHash) {
    Vmsa state;
    state.rip = 0xfff0U;
    LaunchDigest by_state;
    LaunchDigest by_hash;
    by_state.vmsa_page(0xFFFFFFFFF000, state);
    by_hash.vmsa_page(0xFFFFFFFFF000, sha384(as_bytes(state)));
    EXPECT_EQ(by_state.value(), by_hash.value());
}

}  // namespace
}  // namespace hallmark::snp
