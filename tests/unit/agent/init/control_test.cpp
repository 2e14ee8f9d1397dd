// SPDX-License-Identifier: Apache-2.0
#include "agent/init/control.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"

namespace hallmark::guest {
namespace {

using guest_port::Evidence;
using guest_port::Frame;
using guest_port::Kind;
using guest_port::Source;
using guest_port::Type;

/// Evidence that is the report data, or a failure.
class FakeAttester : public Attester {
public:
    [[nodiscard]] std::string name() const override { return "fake"; }
    Result<Evidence> attest(const ReportData& report_data) override {
        if (fails) return refused("the processor is asleep");
        Bytes report(report_data.begin(), report_data.end());
        report.resize(report.size() + more);
        return Evidence{.source = Source::kSimulated, .kind = Kind::kSnpReport, .report = std::move(report)};
    }
    Status extend(const Sha384&) override {
        extended = true;
        return {};
    }
    std::size_t more = 0;  // bytes of evidence
    bool fails = false;
    bool extended = false;
};

Result<std::uint64_t> whole_root() { return 8192; }
Result<std::uint64_t> damaged_root() { return refused("byte 4096 can't be read"); }

std::string text(const Frame& frame) { return {frame.payload.begin(), frame.payload.end()}; }

TEST(Control, SaysWhatTheGuestIs) {
    FakeAttester attester;
    const Frame frame = ready(&attester);
    EXPECT_EQ(frame.type, Type::kReady);
    EXPECT_EQ(frame.request, 0U);
    EXPECT_EQ(text(frame), "hallmark-guest " HALLMARK_VERSION " evidence=fake");
    EXPECT_EQ(text(ready(nullptr)), "hallmark-guest " HALLMARK_VERSION " evidence=none");
}

TEST(Control, AnswersAChallengeWithEvidence) {
    FakeAttester attester;
    const Bytes nonce(64, 0x17);
    const Reply reply = reply_to({.type = Type::kChallenge, .request = 5, .payload = nonce}, &attester, whole_root);
    EXPECT_EQ(reply.answer.type, Type::kEvidence);
    EXPECT_EQ(reply.answer.request, 5U);
    // SHA-512 of "org.hallmark.control.0", a zero byte and the challenge, by Python's hashlib; never the challenge
    // itself.
    EXPECT_EQ(to_hex(guest_port::parse_evidence(reply.answer.payload).value().report),
              "64bd8b818d9e6d966eb12e81c9d196ef5b44de5d5be135c1479842318d27e148"
              "f4b1098abf5a398f5a64bb634d894ab7a60c6d88b070f6a9edb4ea44045799b6");
    EXPECT_FALSE(reply.power_off);
}

TEST(Control, EvidenceThatFitsNoMessageIsAFailureAndNotTheEnd) {
    FakeAttester attester;
    attester.more = guest_port::kLargestPayload;
    const Reply reply = reply_to({.type = Type::kChallenge, .request = 6, .payload = Bytes(64)}, &attester, whole_root);
    EXPECT_EQ(reply.answer.type, Type::kFailure);
    EXPECT_LT(reply.answer.payload.size(), std::size_t{guest_port::kLargestPayload});
    EXPECT_FALSE(reply.power_off);
}

TEST(Control, ScrubsTheRoot) {
    FakeAttester attester;
    const Frame scrub{.type = Type::kScrub, .request = 7, .payload = {}};
    const Reply whole = reply_to(scrub, &attester, whole_root);
    EXPECT_EQ(whole.answer.type, Type::kReady);
    EXPECT_EQ(whole.answer.request, 7U);
    EXPECT_EQ(text(whole.answer), "8192 bytes of the root are as measured");
    EXPECT_FALSE(whole.power_off);
}

TEST(Control, ADamagedRootEndsTheGuest) {
    const Reply damaged = reply_to({.type = Type::kScrub, .request = 8, .payload = {}}, nullptr, damaged_root);
    EXPECT_EQ(damaged.answer.type, Type::kFailure);
    EXPECT_EQ(text(damaged.answer), "byte 4096 can't be read");
    EXPECT_TRUE(damaged.power_off);
}

TEST(Control, SaysWhyThereIsNoEvidence) {
    FakeAttester attester;
    attester.fails = true;
    const Frame challenge{.type = Type::kChallenge, .request = 6, .payload = Bytes(64)};
    const Reply reply = reply_to(challenge, &attester, whole_root);
    EXPECT_EQ(reply.answer.type, Type::kFailure);
    EXPECT_EQ(reply.answer.request, 6U);
    EXPECT_EQ(text(reply.answer), "the processor is asleep");
    EXPECT_EQ(text(reply_to(challenge, nullptr, whole_root).answer), "this guest has no evidence source");
}

TEST(Control, AChallengeHasExactly64Bytes) {
    FakeAttester attester;
    for (const std::size_t size : {0U, 63U, 65U}) {
        const Reply reply =
            reply_to({.type = Type::kChallenge, .request = 7, .payload = Bytes(size)}, &attester, whole_root);
        EXPECT_EQ(reply.answer.type, Type::kFailure) << size;
        EXPECT_EQ(reply.answer.request, 7U);
    }
}

// Its registers are the guest's own: nothing that the host sends extends them.
TEST(Control, NoMessageExtendsARegister) {
    FakeAttester attester;
    for (unsigned type = 0; type < 0x300; ++type)
        for (const std::size_t size : {48U, 52U, 64U})
            reply_to({.type = static_cast<Type>(type), .request = 6, .payload = Bytes(size)}, &attester, whole_root);
    EXPECT_FALSE(attester.extended);
}

TEST(Control, PowersOffOnlyWhenAsked) {
    FakeAttester attester;
    const Reply asked = reply_to({.type = Type::kPowerOff, .request = 8, .payload = {}}, &attester, whole_root);
    EXPECT_EQ(asked.answer.type, Type::kReady);
    EXPECT_EQ(asked.answer.request, 8U);
    EXPECT_TRUE(asked.power_off);
    for (const unsigned type : {0U, 1U, 2U, 0x101U, 0x103U, 0x106U, 0x107U, 0x201U, 0xffffU}) {
        const Reply reply =
            reply_to({.type = static_cast<Type>(type), .request = 9, .payload = Bytes(64)}, &attester, whole_root);
        EXPECT_EQ(reply.answer.type, Type::kFailure) << type;
        EXPECT_EQ(reply.answer.request, 9U);
        EXPECT_FALSE(reply.power_off) << type;
    }
}

}  // namespace
}  // namespace hallmark::guest
