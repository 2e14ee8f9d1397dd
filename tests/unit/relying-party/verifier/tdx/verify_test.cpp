// SPDX-License-Identifier: Apache-2.0
// Real quotes under Intel's pinned root, as of a day on which their certificates were valid; simulated ones under
// theirs.
#include "relying-party/verifier/tdx/verify.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "boot/simulated/tdx/quoting.hpp"
#include "boot/simulated/tdx/td_report.hpp"
#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/formats/event_log_writer.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "relying-party/verifier/tdx/quote.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/vectors.hpp"
#include "tests/unit/relying-party/verifier/tdx/platform.hpp"

namespace hallmark::verifier {
namespace {

using test::platform;

TdxTrust in_june() {
    TdxTrust trust;
    trust.at = test::kJune2026;
    return trust;
}

TdxTrust under(const Bytes& root) {
    TdxTrust trust = in_june();
    trust.simulated_roots = {root};
    return trust;
}

class RealQuote : public ::testing::TestWithParam<const char*> {
protected:
    static Bytes read(const std::filesystem::path& path) { return read_file(path, tdx::kLargestQuote).value(); }
    static void expect_refused(const Bytes& quote, const std::string& place) {
        const auto verified = verify_tdx({quote, {}}, in_june());
        ASSERT_FALSE(verified) << place;
        ASSERT_EQ(verified.error().fault, Fault::kNo) << place << ": " << verified.error().message;
    }
};

TEST_P(RealQuote, IsIntels) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Bytes bytes = read(path);
    const auto verified = verify_tdx({bytes, {}}, in_june());
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->tee, Tee::kTdx);
    EXPECT_FALSE(verified->simulated);
    EXPECT_EQ(verified->claims["tcb_status"], "unknown");
    EXPECT_EQ(verified->claims["collateral_expiration_status"], "unknown");
    const auto quote = tdx::parse_quote(bytes).value();
    EXPECT_EQ(verified->report_data, quote.body.report_data);
    EXPECT_TRUE(equal(verified->init_data, quote.body.mr_config_id));
    // Neither the names of simulated roots nor trailing zeros change anything.
    Bytes longer = bytes;
    longer.resize(longer.size() + 3000);
    EXPECT_TRUE(verify_tdx({longer, {}}, under(platform().root())));
}

TEST_P(RealQuote, NoByteThatIsSignedCanBeChanged) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Bytes bytes = read(path);
    const auto quote = tdx::parse_quote(bytes).value();
    // Up to the certificates: header, body, signature, attestation key, enclave's report, its signature and data, and
    // the lengths between them.
    const auto end = static_cast<std::size_t>(quote.certification.data() - bytes.data());
    for (std::size_t i = 0; i < end; ++i) {
        Bytes changed = bytes;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << i % 8);
        expect_refused(changed, "byte " + std::to_string(i));
    }
}

TEST_P(RealQuote, NoByteOfItsCertificatesCanBeChanged) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Bytes bytes = read(path);
    tdx::Quote quote = tdx::parse_quote(bytes).value();
    const auto chain = read_certificates(quote.certification, 3).value();
    for (std::size_t n = 0; n < chain.size(); ++n) {
        const Bytes original = to_der(*chain[n]).value();
        for (std::size_t i = 0; i < original.size(); ++i) {
            Bytes der = original;
            der[i] = static_cast<std::uint8_t>(der[i] ^ 1U << i % 8);
            const unsigned char* cursor = der.data();
            const openssl::Certificate changed(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
            if (!changed) continue;  // refused before
            std::string pem;
            for (std::size_t k = 0; k < chain.size(); ++k) pem += test::pem_of(k == n ? *changed : *chain[k]);
            quote.certification = as_bytes(std::string_view(pem));
            expect_refused(tdx::encode_quote(quote), "certificate " + std::to_string(n) + " byte " + std::to_string(i));
        }
    }
}

TEST_P(RealQuote, MayLeaveOutItsRootWhereTheCallerHasIt) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Bytes bytes = read(path);
    tdx::Quote quote = tdx::parse_quote(bytes).value();
    const auto chain = read_certificates(quote.certification, 3).value();
    const std::string two = test::pem_of(*chain[0]) + test::pem_of(*chain[1]);
    quote.certification = as_bytes(std::string_view(two));
    const Bytes shorter = tdx::encode_quote(quote);
    test::expect_error(verify_tdx({shorter, {}}, in_june()), {"leaves its root out"}, Fault::kNo);
    TdxTrust trust = in_june();
    trust.certificates = {to_der(*chain[2]).value()};
    EXPECT_TRUE(verify_tdx({shorter, {}}, trust));
    // A root of this name with another key is none.
    trust.certificates = {platform().root(), to_der(*chain[1]).value()};
    test::expect_error(verify_tdx({shorter, {}}, trust), {"leaves its root out"}, Fault::kNo);
}

TEST_P(RealQuote, HoldsInItsTimeOnly) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Bytes bytes = read(path);
    TdxTrust trust;
    trust.at = 1'000'000'000;
    test::expect_error(verify_tdx({bytes, {}}, trust), {"not yet valid"}, Fault::kNo);
    trust.at = 4'000'000'000;
    test::expect_error(verify_tdx({bytes, {}}, trust), {"expired"}, Fault::kNo);
}

INSTANTIATE_TEST_SUITE_P(Vectors, RealQuote, ::testing::Values("quote_v4.dat", "quote_v5.dat"));

// Trustee's answer for this quote; its event log is of another machine and left out here.
TEST(RealQuoteClaims, AreWhatTrusteeSays) {
    HALLMARK_VECTOR(path, "intel-tdx/quote_v4.dat");
    HALLMARK_VECTOR(answer, "intel-tdx/quote_v4.claims.json");
    const auto verified = verify_tdx({read_file(path, tdx::kLargestQuote).value(), {}}, in_june());
    ASSERT_TRUE(verified) << verified.error().message;
    const Json expected = read_json(answer, 1 << 20).value();
    for (const auto* name : {"quote", "td_attributes", "report_data", "init_data", "platform_instance_id"}) {
        ASSERT_TRUE(expected.contains(name)) << name;
        // nlohmann::json without an order of its own: Trustee's is alphabetical.
        EXPECT_EQ(nlohmann::json::parse(verified->claims[name].dump()), nlohmann::json::parse(expected[name].dump()))
            << name;
    }
    for (const auto& [name, value] : expected["quote"]["body"].items()) {
        if (name == "td_attributes") continue;
        EXPECT_EQ(verified->claims[name], value) << name;
    }
    EXPECT_EQ(verified->claims["tee_type"], "81000000");
    EXPECT_EQ(verified->claims["vendor_id"], "939a7233f79c4ca9940a0db3957f0607");
    EXPECT_EQ(verified->claims["platform_provider_id"], "df4c32a9d8d86009aaf380ec43cfcefb");
    EXPECT_EQ(verified->claims["sgx_type"], "Scalable");
    EXPECT_EQ(verified->claims["is_smt_enabled"], true);
}

TEST(RealQuoteClaims, OfTdx15HaveItsFields) {
    HALLMARK_VECTOR(path, "intel-tdx/quote_v5.dat");
    const Bytes bytes = read_file(path, tdx::kLargestQuote).value();
    const auto verified = verify_tdx({bytes, {}}, in_june());
    ASSERT_TRUE(verified) << verified.error().message;
    const ByteSpan quote(bytes);
    EXPECT_EQ(verified->claims["quote"]["type"], to_hex(quote.subspan(48, 2)));
    EXPECT_EQ(verified->claims["quote"]["size"], to_hex(quote.subspan(50, 4)));
    // 54 + 584 and 54 + 600: facts of the format, not of the parser.
    if (quote[48] == 3) {
        EXPECT_EQ(verified->claims["tee_tcb_svn2"], to_hex(quote.subspan(638, 16)));
        EXPECT_EQ(verified->claims["quote"]["body"]["mr_servicetd"], to_hex(quote.subspan(654, 48)));
    }
    EXPECT_EQ(verified->claims["mr_td"], to_hex(quote.subspan(54 + 136, 48)));
}

class SimulatedQuote : public ::testing::TestWithParam<boot::QuoteVersion> {
protected:
    hallmark::test::TemporaryFolder folder_;
    boot::TdxChain chain_ = boot::TdxChain::open(folder_.path() / "chain").value();
    Bytes quote_ = boot::QuotingEnclave::make(chain_).value().quote(boot::td_report({}, {}), GetParam()).value();
};

TEST_P(SimulatedQuote, HoldsOnlyUnderTheRootThatIsNamed) {
    const auto verified = verify_tdx({quote_, {}}, under(chain_.root()));
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_TRUE(verified->simulated);
    test::expect_error(verify_tdx({quote_, {}}, in_june()), {"must be named to be trusted"}, Fault::kNo);
    test::expect_error(verify_tdx({quote_, {}}, under(platform().root())), {"nor is it a simulated root"}, Fault::kNo);
    // Given as a certificate it is not trusted.
    TdxTrust trust = in_june();
    trust.certificates = {chain_.root()};
    test::expect_error(verify_tdx({quote_, {}}, trust), {"must be named"}, Fault::kNo);
}

INSTANTIATE_TEST_SUITE_P(Versions, SimulatedQuote, ::testing::Values(boot::QuoteVersion::kV4, boot::QuoteVersion::kV5));

TEST(VerifyTdx, ARootThatIsLeftOutIsFoundAmongTheNamedOnes) {
    const Bytes quote = platform().quote({.with_root = false});
    EXPECT_TRUE(verify_tdx({quote, {}}, under(platform().root())));
    test::expect_error(verify_tdx({quote, {}}, in_june()), {"leaves its root out"}, Fault::kNo);
}

using event_log::EventType;
using event_log::Record;

tdx::Measurement extended(const tdx::Measurement& value, const Sha384& digest) {
    Bytes both(value.begin(), value.end());
    append(both, digest);
    return sha384(both);
}

/// The quote of a domain whose registers hold these records, and the records as its log.
tdx::Evidence evidence_of(const std::vector<Record>& measured, const std::vector<Record>& logged) {
    test::QuoteText text;
    for (const auto& record : measured) {
        auto& rtmr = text.rtmr.at(record.register_index - 1);
        rtmr = extended(rtmr, record.digest);
    }
    return {platform().quote(text), event_log::encode_guest_log(logged)};
}

Record runtime(std::string_view text) {
    Bytes data;
    append(data, as_bytes(Le32(0x4141454cU)));
    append(data, as_bytes(Le32(static_cast<std::uint32_t>(text.size()))));
    append(data, as_bytes(text));
    return {.register_index = 4, .type = EventType::kEventTag, .digest = sha384(data), .data = data};
}

Record boot_event(std::uint32_t index, std::uint8_t byte) {
    Record record{.register_index = index, .type = EventType::kAction};
    record.digest.fill(byte);
    return record;
}

TEST(VerifyTdx, ALogThatDoesNotReplayIsRefused) {
    const std::vector<Record> measured = {boot_event(1, 1), boot_event(2, 2), boot_event(3, 3)};
    EXPECT_TRUE(verify_tdx(evidence_of(measured, measured), under(platform().root())));
    for (std::size_t n = 0; n < measured.size(); ++n) {
        auto logged = measured;
        logged[n].digest[5] ^= 1;
        test::expect_error(verify_tdx(evidence_of(measured, logged), under(platform().root())),
                           {"RTMR" + std::to_string(n)}, Fault::kNo);
        logged.erase(logged.begin() + static_cast<std::ptrdiff_t>(n));
        EXPECT_FALSE(verify_tdx(evidence_of(measured, logged), under(platform().root())));
    }
    auto evidence = evidence_of(measured, measured);
    evidence.event_log->at(0) ^= 0x80;
    evidence.event_log->at(4) ^= 1;
    test::expect_error(verify_tdx(evidence, under(platform().root())), {"event log"}, Fault::kNo);
}

TEST(VerifyTdx, RuntimeEventsReplayToRtmr3) {
    const std::string pulled =
        "github.com/confidential-containers PullImage {\"digest\":\"sha256:00\",\"image\":\"a b\"}";
    const std::vector<Record> records = {boot_event(1, 1), runtime("INIT sha384/" + std::string(96, '0')),
                                         runtime(pulled)};
    const auto verified = verify_tdx(evidence_of(records, records), under(platform().root()));
    ASSERT_TRUE(verified) << verified.error().message;
    const Json& events = verified->claims["runtime_events"];
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0]["domain"], "github.com/confidential-containers");
    EXPECT_EQ(events[0]["operation"], "PullImage");
    EXPECT_EQ(events[0]["content"], "{\"digest\":\"sha256:00\",\"image\":\"a b\"}");
    // One event too few, or an event that is not what was extended.
    auto more = records;
    more.push_back(runtime("a b c"));
    test::expect_error(verify_tdx(evidence_of(more, records), under(platform().root())), {"RTMR3"}, Fault::kNo);
    auto lying = records;
    lying[2].data = runtime(pulled + "!").data;
    test::expect_error(verify_tdx(evidence_of(records, lying), under(platform().root())),
                       {"its digest is of something else"}, Fault::kNo);
    for (const std::string bad : {"INIT", "a b", "a b c\n"}) {
        const std::vector<Record> other = {boot_event(1, 1), runtime(bad)};
        test::expect_error(verify_tdx(evidence_of(other, other), under(platform().root())), {"runtime event"},
                           Fault::kNo);
    }
    // A kernel that extends RTMR3 leaves nothing in the log.
    EXPECT_TRUE(verify_tdx(evidence_of(records, {records[0]}), under(platform().root())));
}

}  // namespace
}  // namespace hallmark::verifier
