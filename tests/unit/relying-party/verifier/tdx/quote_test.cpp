// SPDX-License-Identifier: Apache-2.0
// Real quotes under Intel's real root, as of a day on which their certificates were valid.
#include "relying-party/verifier/tdx/quote.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/formats/tdx_report.hpp"
#include "common/hex.hpp"
#include "common/openssl.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::time_t kIn2026 = 1'780'000'000;
// Intel SGX Root CA, as Intel publishes it (https://certificates.trustedservices.intel.com).
constexpr const char* kIntelRoot = "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3";

/// One certificate of a chain in PEM, counted from its begin, in DER.
Bytes certificate(ByteSpan chain, int index) {
    const std::string_view text(reinterpret_cast<const char*>(chain.data()), chain.size());
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    std::size_t begin = 0;
    for (int i = 0; i <= index; ++i) begin = text.find(kBegin, begin) + kBegin.size();
    std::string base64(text.substr(begin, text.find("-----END", begin) - begin));
    std::erase_if(base64, [](char c) { return c == '\n' || c == '\r'; });
    Bytes der(base64.size());
    const auto size = EVP_DecodeBlock(der.data(), reinterpret_cast<const unsigned char*>(base64.data()),
                                      static_cast<int>(base64.size()));
    EXPECT_GT(size, 0);
    der.resize(static_cast<std::size_t>(size - std::ranges::count(base64, '=')));
    return der;
}

/// Bytes and authenticity.
Status verify(ByteSpan bytes, ByteSpan root, std::time_t at = kIn2026) {
    const auto quote = tdx::parse_quote(bytes);
    if (!quote) return std::unexpected(quote.error());
    return verify_quote(*quote, root, at);
}

struct Real {
    Bytes bytes;
    Bytes root;

    explicit Real(const std::filesystem::path& path) : bytes(read_file(path, tdx::kLargestQuote).value()) {
        root = certificate(tdx::parse_quote(bytes).value().certification, 2);
        EXPECT_EQ(to_hex(sha256(root)), kIntelRoot);
    }
};

template <class T>
void expect_refused(const Result<T>& proven, std::string_view why) {
    ASSERT_FALSE(proven);
    EXPECT_EQ(proven.error().fault, Fault::kNo) << proven.error().message;
    EXPECT_NE(proven.error().message.find(why), std::string::npos) << proven.error().message;
}

class ProveQuote : public ::testing::TestWithParam<const char*> {
protected:
    /// The quote with one byte changed, at this place of its fields.
    static Status with(const Real& real, const std::function<std::uint8_t&(tdx::Quote&)>& place) {
        tdx::Quote quote = tdx::parse_quote(real.bytes).value();
        place(quote) ^= 1;
        const Bytes bytes = tdx::encode_quote(quote);
        return verify(bytes, real.root);
    }
};

TEST_P(ProveQuote, ARealOneHoldsUnderIntelsRoot) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Real real(path);
    const auto proven = verify(real.bytes, real.root);
    EXPECT_TRUE(proven) << proven.error().message;
}

TEST_P(ProveQuote, NothingThatIsSignedCanBeChanged) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Real real(path);
    const char* quote = "the quote: its signature";
    const char* enclave = "the quoting enclave's report";
    expect_refused(with(real, [](auto& q) -> auto& { return q.body.mr_td[0]; }), quote);
    expect_refused(with(real, [](auto& q) -> auto& { return q.body.rtmr[3][47]; }), quote);
    expect_refused(with(real, [](auto& q) -> auto& { return q.header.user_data[0]; }), quote);
    expect_refused(with(real, [](auto& q) -> auto& { return q.signature[63]; }), quote);
    expect_refused(with(real, [](auto& q) -> auto& { return q.attestation_key[0]; }), enclave);
    expect_refused(with(real, [](auto& q) -> auto& { return q.qe_report.mr_signer[0]; }), enclave);
    expect_refused(with(real, [](auto& q) -> auto& { return q.qe_signature[0]; }), enclave);
}

TEST_P(ProveQuote, TheAttestationKeyIsBoundByTheEnclave) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Real real(path);
    tdx::Quote quote = tdx::parse_quote(real.bytes).value();
    Bytes other(quote.authentication_data.begin(), quote.authentication_data.end());
    other[0] ^= 1;
    quote.authentication_data = other;
    expect_refused(verify(tdx::encode_quote(quote), real.root), "does not name");
}

TEST_P(ProveQuote, OnlyUnderTheRootThatIsTrustedAndInItsTime) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    Real real(path);
    expect_refused(verify(real.bytes, real.root, 1'000'000'000), "not yet valid");
    expect_refused(verify(real.bytes, real.root, 4'000'000'000), "expired");
    real.root = certificate(tdx::parse_quote(real.bytes).value().certification, 1);
    expect_refused(verify(real.bytes, real.root), "another chain");
}

TEST_P(ProveQuote, AChainWithoutItsRootHoldsToo) {
    HALLMARK_VECTOR(path, std::string("intel-tdx/") + GetParam());
    const Real real(path);
    tdx::Quote quote = tdx::parse_quote(real.bytes).value();
    const std::string_view chain(reinterpret_cast<const char*>(quote.certification.data()), quote.certification.size());
    const auto last = chain.rfind("-----BEGIN");
    const auto middle = chain.rfind("-----BEGIN", last - 1);
    quote.certification = as_bytes(chain.substr(0, last));
    EXPECT_TRUE(verify(tdx::encode_quote(quote), real.root));
    quote.certification = as_bytes(chain.substr(0, middle));
    expect_refused(verify(tdx::encode_quote(quote), real.root), "not there in PEM");
    const std::string more = std::string(chain.substr(0, middle)) + std::string(chain);
    quote.certification = as_bytes(std::string_view(more));
    expect_refused(verify(tdx::encode_quote(quote), real.root), "more than 3");
    // The CA's certificate alone is no platform's.
    quote.certification = as_bytes(chain.substr(middle));
    expect_refused(verify(tdx::encode_quote(quote), real.root), "");
}

INSTANTIATE_TEST_SUITE_P(Real, ProveQuote, ::testing::Values("quote_v4.dat", "quote_v5.dat"));

TEST(AppraiseQuote, IsTheAnswerToOneChallengeAndOneOwner) {
    tdx::Quote quote;
    quote.body.report_data.fill(1);
    quote.body.mr_config_id.fill(2);
    ExpectedTd expected{quote.body.report_data, quote.body.mr_config_id};
    EXPECT_TRUE(appraise_quote(quote, expected));
    expected.report_data[63] ^= 1;
    expect_refused(appraise_quote(quote, expected), "not the answer");
    expected = {quote.body.report_data, {}};
    expect_refused(appraise_quote(quote, expected), "MRCONFIGID");
    quote.body.td_attributes = tdx::kAttributeDebug | tdx::kAttributeSeptVeDisable;
    expect_refused(appraise_quote(quote, {quote.body.report_data, quote.body.mr_config_id}), "DEBUG");
}

TEST(RealQuote, AGenuineQuoteOfADebuggedDomainIsRefused) {
    HALLMARK_VECTOR(path, "intel-tdx/quote_v4.dat");
    const Real real(path);
    const auto quote = tdx::parse_quote(real.bytes).value();
    expect_refused(prove_quote(real.bytes, real.root, {quote.body.report_data, quote.body.mr_config_id}, kIn2026),
                   "DEBUG");
}

}  // namespace
}  // namespace hallmark::verifier
