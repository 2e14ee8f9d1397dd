// SPDX-License-Identifier: Apache-2.0
#include "common/formats/tdx_quote.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>

#include <algorithm>
#include <string>

#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "common/openssl.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::tdx {
namespace {

/// Does this key (x and y) verify this signature (r and s)?
bool verifies(const P256Pair& key, const P256Pair& signature, ByteSpan message) {
    // SubjectPublicKeyInfo of a P-256 key up to the point (RFC 5480), then the point, uncompressed.
    Bytes der = from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200").value();
    der.push_back(4);
    append(der, key);
    const auto* at = der.data();
    const openssl::Key public_key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
    const openssl::EcdsaSignature numbers(ECDSA_SIG_new());
    ECDSA_SIG_set0(numbers.get(), BN_bin2bn(signature.data(), 32, nullptr),
                   BN_bin2bn(signature.data() + 32, 32, nullptr));
    unsigned char* encoded = nullptr;
    const auto size = i2d_ECDSA_SIG(numbers.get(), &encoded);
    const openssl::DigestContext context(EVP_MD_CTX_new());
    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, public_key.get());
    const bool good =
        EVP_DigestVerify(context.get(), encoded, static_cast<std::size_t>(size), message.data(), message.size()) == 1;
    OPENSSL_free(encoded);
    return good;
}

/// What holds for a quote that a quoting enclave made, if every field was read from its place.
void check_real(const Quote& quote, const Bytes& file) {
    EXPECT_TRUE(std::ranges::equal(quote.header.vendor_id, kIntelVendorId));
    EXPECT_TRUE(verifies(quote.attestation_key, quote.signature, quote.signed_bytes));
    Bytes bound(quote.attestation_key.begin(), quote.attestation_key.end());
    append(bound, quote.authentication_data);
    EXPECT_TRUE(equal(ByteSpan(quote.qe_report.report_data).first(32), sha256(bound)));
    EXPECT_TRUE(all_zero(ByteSpan(quote.qe_report.report_data).subspan(32)));
    EXPECT_EQ(quote.certification_type, kCertifiedByPckChain);
    EXPECT_TRUE(equal(quote.certification.first(27), as_bytes(std::string_view("-----BEGIN CERTIFICATE-----"))));
    EXPECT_TRUE(equal(encode_signed_part(quote), quote.signed_bytes));
    EXPECT_TRUE(equal(encode_quote(quote), file));
}

TEST(TdxQuote, Version4AsAnotherVerifierReadsIt) {
    HALLMARK_VECTOR(path, "intel-tdx/quote_v4.dat");
    HALLMARK_VECTOR(claims_path, "intel-tdx/quote_v4.claims.json");
    const auto file = read_file(path, kLargestQuote).value();
    const auto quote = parse_quote(file);
    ASSERT_TRUE(quote) << quote.error().message;
    check_real(*quote, file);
    const auto claims = read_json(claims_path, 64 * 1024).value();
    const auto& body = claims.at("quote").at("body");
    const auto expect = [](const Json& json, const char* name, ByteSpan value) {
        EXPECT_EQ(json.at(name).get<std::string>(), to_hex(value)) << name;
    };
    expect(body, "tcb_svn", quote->body.tee_tcb_svn);
    expect(body, "mr_seam", quote->body.mr_seam);
    expect(body, "mrsigner_seam", quote->body.mr_signer_seam);
    expect(body, "seam_attributes", as_bytes(quote->body.seam_attributes));
    expect(body, "td_attributes", as_bytes(quote->body.td_attributes));
    expect(body, "xfam", as_bytes(quote->body.xfam));
    expect(body, "mr_td", quote->body.mr_td);
    expect(body, "mr_config_id", quote->body.mr_config_id);
    expect(body, "mr_owner", quote->body.mr_owner);
    expect(body, "mr_owner_config", quote->body.mr_owner_config);
    expect(body, "rtmr_0", quote->body.rtmr[0]);
    expect(body, "rtmr_1", quote->body.rtmr[1]);
    expect(body, "rtmr_2", quote->body.rtmr[2]);
    expect(body, "rtmr_3", quote->body.rtmr[3]);
    expect(body, "report_data", quote->body.report_data);
    const auto& header = claims.at("quote").at("header");
    expect(header, "version", as_bytes(quote->header.version));
    expect(header, "att_key_type", as_bytes(quote->header.attestation_key_type));
    expect(header, "tee_type", as_bytes(quote->header.tee_type));
    expect(header, "vendor_id", quote->header.vendor_id);
    expect(header, "user_data", quote->header.user_data);
    EXPECT_EQ((quote->body.td_attributes & kAttributeDebug) != 0, claims.at("td_attributes").at("debug").get<bool>());
    EXPECT_EQ((quote->body.td_attributes & kAttributeSeptVeDisable) != 0,
              claims.at("td_attributes").at("septve_disable").get<bool>());
}

TEST(TdxQuote, Version5) {
    HALLMARK_VECTOR(path, "intel-tdx/quote_v5.dat");
    const auto file = read_file(path, kLargestQuote).value();
    const auto quote = parse_quote(file);
    ASSERT_TRUE(quote) << quote.error().message;
    check_real(*quote, file);
    EXPECT_EQ(quote->body_type, BodyType::kTd15);
    EXPECT_EQ(quote->signed_bytes.size(), 48U + 6U + 648U);
    EXPECT_FALSE(all_zero(quote->extension.tee_tcb_svn2));
    EXPECT_TRUE(equal(as_bytes(quote->extension), ByteSpan(file).subspan(54 + 584, 64)));
}

Quote synthetic(std::uint16_t version, BodyType type) {
    static const Bytes kAuthentication(32, 9);
    static const Bytes kChain = [] {
        const auto text = as_bytes(std::string_view("-----BEGIN CERTIFICATE-----"));
        return Bytes(text.begin(), text.end());
    }();
    Quote quote;
    quote.header.version = version;
    quote.header.attestation_key_type = kEcdsaP256Sha256;
    quote.header.tee_type = std::uint32_t{kTeeTypeTdx};
    quote.body_type = type;
    quote.authentication_data = kAuthentication;
    quote.certification = kChain;
    return quote;
}

TEST(TdxQuote, EveryTruncationIsRefusedAndZerosBehindAreNot) {
    for (const auto& quote :
         {synthetic(4, BodyType::kTd10), synthetic(5, BodyType::kTd10), synthetic(5, BodyType::kTd15)}) {
        auto bytes = encode_quote(quote);
        const auto again = parse_quote(bytes);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_TRUE(equal(encode_quote(*again), bytes));
        for (std::size_t size = 0; size < bytes.size(); ++size)
            ASSERT_FALSE(parse_quote(ByteSpan(bytes).first(size))) << size;
        bytes.resize(bytes.size() + 3065);
        EXPECT_TRUE(parse_quote(bytes));
        bytes.back() = 1;
        test::expect_error(parse_quote(bytes), {"left over"});
        bytes.back() = 0;
        bytes.resize(kLargestQuote);
        EXPECT_TRUE(parse_quote(bytes));
        bytes.push_back(0);
        test::expect_error(parse_quote(bytes), {"65537 bytes", "at most 65536"});
    }
}

TEST(TdxQuote, RefusesWhatItDoesNotKnow) {
    const auto refuse = [](std::size_t offset, std::uint8_t value, std::initializer_list<std::string_view> words,
                           std::uint16_t version = 5) {
        auto bytes = encode_quote(synthetic(version, version == 5 ? BodyType::kTd15 : BodyType::kTd10));
        bytes[offset] = value;
        test::expect_error(parse_quote(bytes), words);
    };
    refuse(0, 3, {"version", "0x3", "4 or 5"}, 4);
    refuse(2, 3, {"key type", "0x3"});
    refuse(4, 0, {"TEE type", "0x0", "0x81"});
    refuse(48, 1, {"body type", "0x1"});
    refuse(50, 1, {"body size", "648"});
    refuse(54 + 648 + 4 + 128, 5, {"certification data type", "0x5"});
    refuse(54 + 648 + 4 + 128 + 2, 0, {"certification data"});        // a size that ends in the QE report
    refuse(54 + 648 + 4 + 128 + 6 + 384 + 64, 0xff, {"bytes left"});  // authentication data past the end
    refuse(54 + 648 + 4 + 128 + 6 + 384 + 64, 0, {});                 // authentication data that end too early
    refuse(54 + 648 + 4 + 128 + 6 + 384 + 64 + 2 + 32 + 2, 26, {"certification data", "1 bytes left over"});
}

}  // namespace
}  // namespace hallmark::tdx
