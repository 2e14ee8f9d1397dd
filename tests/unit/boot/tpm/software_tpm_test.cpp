// SPDX-License-Identifier: Apache-2.0
// A real swtpm; the test plays QEMU.
#include "boot/tpm/software_tpm.hpp"

#include <gtest/gtest.h>

#include "boot/flags/host.hpp"
#include "tests/unit/boot/fake_qemu.hpp"

namespace hallmark::boot::tpm {
namespace {

using namespace std::chrono_literals;
using test::extend;
using test::FakeQemu;
using test::startup;
using test::succeeded;

constexpr auto kLimit = 10s;

Bytes bytes_of(const Sha384& digest) { return {digest.begin(), digest.end()}; }

Sha384 extended(const Sha384& before, const Sha384& digest) {
    Bytes both(before.begin(), before.end());
    append(both, digest);
    return sha384(both);
}

TEST(SoftwareTpm, PcrsAreReadWhileAGuestUsesTheTpm) {
    if (!find_program("swtpm", "")) GTEST_SKIP() << "swtpm is not installed";
    auto tpm = SoftwareTpm::start();
    ASSERT_TRUE(tpm) << tpm.error().message;
    EXPECT_FALSE(tpm->pcr(Algorithm::kSha384, 4, in(kLimit)));  // nobody has connected
    const FakeQemu qemu(tpm->inherited());
    ASSERT_TRUE(succeeded(qemu.transact(startup())));
    EXPECT_EQ(tpm->pcr(Algorithm::kSha384, 4, in(kLimit)).value(), bytes_of(Sha384{}));

    const Sha384 first = sha384(as_bytes("first"));
    const Sha384 second = sha384(as_bytes("second"));
    ASSERT_TRUE(succeeded(qemu.transact(extend(4, first))));
    EXPECT_EQ(tpm->pcr(Algorithm::kSha384, 4, in(kLimit)).value(), bytes_of(extended({}, first)));
    ASSERT_TRUE(succeeded(qemu.transact(extend(4, second))));
    EXPECT_EQ(tpm->pcr(Algorithm::kSha384, 4, in(kLimit)).value(), bytes_of(extended(extended({}, first), second)));
    EXPECT_EQ(tpm->pcr(Algorithm::kSha256, 4, in(kLimit)).value(), Bytes(32));  // that bank was not extended
    EXPECT_EQ(tpm->pcr(Algorithm::kSha384, 5, in(kLimit)).value(), bytes_of(Sha384{}));
}

TEST(PcrValue, RefusesWhatIsNotOneValueOfTheBank) {
    EXPECT_FALSE(pcr_value({}, Algorithm::kSha384));
    const Bytes failure = {0x80, 0x01, 0, 0, 0, 10, 0, 0, 0x01, 0x01};
    EXPECT_NE(pcr_value(failure, Algorithm::kSha384).error().message.find("0x101"), std::string::npos);
    // No such bank: the selection and the list are empty.
    const Bytes empty = {0x80, 0x01, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0x0c, 3, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_FALSE(pcr_value(empty, Algorithm::kSha384));
}

}  // namespace
}  // namespace hallmark::boot::tpm
