// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/trust_domain.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/digest.hpp"
#include "relying-party/verifier/tdx/guest_log.hpp"
#include "relying-party/verifier/tdx/quote.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::boot {
namespace {

using guest_port::Frame;
using guest_port::Type;
using tdx::Register;

std::array<std::uint8_t, 64> challenge() {
    std::array<std::uint8_t, 64> data{};
    data.fill(0x44);
    return data;
}

tdx::Measurement filled(std::uint8_t byte) {
    tdx::Measurement value{};
    value.fill(byte);
    return value;
}

class TrustDomainTest : public ::testing::Test {
protected:
    static std::vector<Extension> measured() {
        return {{Register::kRtmr0, event_log::EventType::kAction, filled(1)},
                {Register::kRtmr2, event_log::EventType::kAction, filled(2)}};
    }
    TrustDomain make(Attack attack) {
        return TrustDomain::make(chain_, filled(0x11), filled(0x22), measured(), attack).value();
    }
    static Frame ask(TrustDomain& domain, Type type, ByteSpan payload) {
        return domain.answer({type, 7, Bytes(payload.begin(), payload.end())}).value();
    }
    static guest_port::Evidence attest(TrustDomain& domain) {
        guest_port::AttestRequest request;
        request.report_data = challenge();
        const Frame answer = ask(domain, Type::kAttestRequest, as_bytes(request));
        EXPECT_EQ(answer.type, Type::kAttested) << std::string(answer.payload.begin(), answer.payload.end());
        EXPECT_EQ(answer.request, 7U);
        return guest_port::parse_evidence(answer.payload).value();
    }
    static Frame extend(TrustDomain& domain, std::uint32_t index, const Sha384& digest) {
        guest_port::ExtendRequest request;
        request.register_index = index;
        request.digest = digest;
        return ask(domain, Type::kExtendRequest, as_bytes(request));
    }

    hallmark::test::TemporaryFolder folder_;
    TdxChain chain_ = TdxChain::open(folder_.path() / "chain").value();
    TrustDomain domain_ = make(Attack::kNone);
};

TEST_F(TrustDomainTest, GivesAQuoteAndTheLogOfIt) {
    for (const auto version : {QuoteVersion::kV4, QuoteVersion::kV5}) {
        domain_.quote_as(version);
        const auto evidence = attest(domain_);
        EXPECT_EQ(evidence.kind, guest_port::Kind::kTdxQuote);
        const auto quote = verifier::prove_quote(evidence.report, chain_.root(), {challenge(), filled(0x22)});
        ASSERT_TRUE(quote) << quote.error().message;
        EXPECT_EQ(quote->header.version, static_cast<std::uint16_t>(version));
        EXPECT_EQ(quote->body.mr_td, filled(0x11));
        EXPECT_EQ(quote->body.rtmr.at(3), tdx::Measurement{});
        EXPECT_TRUE(verifier::check_guest_log(evidence.event_log, quote->body.rtmr));
    }
}

TEST_F(TrustDomainTest, ExtendsRtmr3) {
    const auto before = domain_.facts();
    const Bytes logged = attest(domain_).event_log;
    EXPECT_EQ(extend(domain_, 3, filled(9)).type, Type::kExtended);
    const auto evidence = attest(domain_);
    const auto quote = tdx::parse_quote(evidence.report);
    ASSERT_TRUE(quote);
    Bytes once(48);
    once.resize(96, 9);
    EXPECT_EQ(quote->body.rtmr.at(3), sha384(once));
    for (std::size_t n = 0; n < 3; ++n) EXPECT_EQ(quote->body.rtmr.at(n), before.rtmr.at(n));
    // The firmware's log stays as it was: what a guest extends it logs itself.
    EXPECT_EQ(evidence.event_log, logged);
    EXPECT_EQ(extend(domain_, 3, filled(9)).type, Type::kExtended);
    Bytes twice(quote->body.rtmr.at(3).begin(), quote->body.rtmr.at(3).end());
    twice.resize(96, 9);
    EXPECT_EQ(domain_.facts().rtmr.at(3), sha384(twice));
}

TEST_F(TrustDomainTest, ExtendsNothingElse) {
    const auto before = domain_.facts();
    for (const std::uint32_t index : {0U, 1U, 2U, 4U, 0xffffffffU}) {
        const Frame answer = extend(domain_, index, filled(9));
        EXPECT_EQ(answer.type, Type::kFailure) << index;
        EXPECT_EQ(answer.request, 7U);
    }
    EXPECT_EQ(domain_.facts().rtmr, before.rtmr);
}

TEST_F(TrustDomainTest, RefusesWhatIsNoRequestOfTdx) {
    guest_port::AttestRequest with_vmpl;
    with_vmpl.vmpl = 1U;
    EXPECT_EQ(ask(domain_, Type::kAttestRequest, as_bytes(with_vmpl)).type, Type::kFailure);
    EXPECT_EQ(ask(domain_, Type::kAttestRequest, Bytes(67)).type, Type::kFailure);
    EXPECT_EQ(ask(domain_, Type::kExtendRequest, Bytes(53)).type, Type::kFailure);
    EXPECT_EQ(ask(domain_, Type::kPowerOff, {}).type, Type::kFailure);
}

TEST_F(TrustDomainTest, ALogThatWasChangedDoesNotReplay) {
    auto domain = make(Attack::kServedLog);
    const auto evidence = attest(domain);
    const auto quote = verifier::prove_quote(evidence.report, chain_.root(), {challenge(), filled(0x22)});
    ASSERT_TRUE(quote);
    EXPECT_FALSE(verifier::check_guest_log(evidence.event_log, quote->body.rtmr));
}

}  // namespace
}  // namespace hallmark::boot
