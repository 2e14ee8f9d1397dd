// SPDX-License-Identifier: Apache-2.0
// A real swtpm, extended as a guest would; the log of it is written by the test.
#include "boot/tpm/log_proof.hpp"

#include <gtest/gtest.h>

#include "boot/flags/host.hpp"
#include "tests/support/synthetic_event_log.hpp"
#include "tests/unit/boot/fake_qemu.hpp"

namespace hallmark::boot::tpm {
namespace {

using namespace std::chrono_literals;

constexpr auto kLimit = 10s;
constexpr std::uint32_t kAction = 0x80000007;

/// One event, in PCR 4, with a digest of each bank.
Bytes log_of(std::uint8_t sha256, std::uint8_t sha384, std::uint32_t pcr = 4) {
    Bytes log = hallmark::test::log_start();
    hallmark::test::append_event(log, {pcr, kAction, {{0xb, Bytes(32, sha256)}, {0xc, Bytes(48, sha384)}}, ""});
    return log;
}

class CheckLog : public ::testing::Test {
protected:
    void SetUp() override {
        if (!find_program("swtpm", "")) GTEST_SKIP() << "swtpm is not installed";
        auto tpm = SoftwareTpm::start();
        ASSERT_TRUE(tpm) << tpm.error().message;
        tpm_.emplace(std::move(*tpm));
        qemu_.emplace(tpm_->inherited());
        ASSERT_TRUE(test::succeeded(qemu_->transact(test::startup())));
        ASSERT_TRUE(test::succeeded(qemu_->transact(test::extend(4, Bytes(32, 0xaa)))));
        ASSERT_TRUE(test::succeeded(qemu_->transact(test::extend(4, Bytes(48, 0xbb)))));
    }

    Status check(const Bytes& bytes) {
        HALLMARK_TRY(const auto log, event_log::parse_event_log(bytes, "log"));
        return check_log(log, *tpm_, in(kLimit));
    }
    void expect_refused(const Bytes& log, std::string_view why) {
        const auto checked = check(log);
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error().fault, Fault::kNo);
        EXPECT_NE(checked.error().message.find(why), std::string::npos) << checked.error().message;
    }

    std::optional<SoftwareTpm> tpm_;
    std::optional<test::FakeQemu> qemu_;
};

TEST_F(CheckLog, WhatWasMeasuredHolds) {
    const auto checked = check(log_of(0xaa, 0xbb));
    EXPECT_TRUE(checked) << checked.error().message;
}

TEST_F(CheckLog, EitherBankMustAgree) {
    expect_refused(log_of(0xab, 0xbb), "in PCR 4 (sha256), the TPM has");
    expect_refused(log_of(0xaa, 0xba), "in PCR 4 (sha384), the TPM has");
}

TEST_F(CheckLog, WhatTheLogLacksOrHasTooMuchIsSeen) {
    Bytes more = log_of(0xaa, 0xbb);
    hallmark::test::append_event(more, {15, kAction, {{0xb, Bytes(32)}, {0xc, Bytes(48)}}, ""});
    expect_refused(more, "in PCR 15 (sha256)");
    expect_refused(log_of(0xaa, 0xbb, 5), "in PCR 4 (sha256)");
    expect_refused(hallmark::test::log_start(), "in PCR 4 (sha256)");
}

TEST_F(CheckLog, ALogOfOneBankIsRefused) {
    Bytes log = hallmark::test::log_start({{0xc, 48}});
    hallmark::test::append_event(log, {4, kAction, {{0xc, Bytes(48, 0xbb)}}, ""});
    expect_refused(log, "no bank sha256");
}

}  // namespace
}  // namespace hallmark::boot::tpm
