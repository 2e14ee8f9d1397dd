// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/quote.hpp"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/digest.hpp"
#include "common/formats/tdx_report.hpp"
#include "common/hex.hpp"
#include "common/openssl.hpp"
#include "relying-party/verifier/x509/path.hpp"

namespace hallmark::verifier {
namespace {

using Bio = openssl::Owned<BIO, BIO_free_all>;
using KeyContext = openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Builder = openssl::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = openssl::Owned<OSSL_PARAM, OSSL_PARAM_free>;

constexpr std::size_t kMostCertificates = 3;  // PCK, CA, root
constexpr std::size_t kNumberSize = 32;
constexpr const char* kCurve = "P-256";
constexpr const char* kAttestationKey = "the quote's attestation key";

/// The certificates of a chain in PEM.
Result<std::vector<openssl::Certificate>> read_chain(const tdx::Quote& quote) {
    if (quote.certification_type != tdx::kCertifiedByPckChain)
        return refused("quote: certification data of type " + std::to_string(quote.certification_type) +
                       ", expected 5, a chain of certificates in PEM");
    const Bio bio(BIO_new_mem_buf(quote.certification.data(), static_cast<int>(quote.certification.size())));
    if (!bio) return std::unexpected(openssl::error("quote"));
    std::vector<openssl::Certificate> chain;
    while (openssl::Certificate next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        if (chain.size() == kMostCertificates) return refused("quote: more than 3 certificates");
        chain.push_back(std::move(next));
    }
    ERR_clear_error();  // the end of the text
    if (chain.size() < 2) return refused("quote: its PCK certificate and the CA's are not there in PEM");
    return chain;
}

/// All are of ECDSA P-256 with SHA-256 ("PCK Certificate and CRL Profile", section 1.3.5).
Status check_algorithm(X509& certificate) {
    int digest = NID_undef;
    int key = NID_undef;
    if (X509_get_signature_info(&certificate, &digest, &key, nullptr, nullptr) != 1 || digest != NID_sha256 ||
        key != NID_X9_62_id_ecPublicKey)
        return refused("certificate '" + common_name(certificate) + "' is not signed with ECDSA and SHA-256");
    return {};
}

Result<openssl::Certificate> verify_chain(std::vector<openssl::Certificate> chain, ByteSpan trusted_root,
                                          std::optional<std::time_t> at) {
    HALLMARK_TRY(const auto root, parse_certificate(trusted_root, "trusted root"));
    if (chain.size() == kMostCertificates && X509_cmp(chain[2].get(), root.get()) != 0)
        return refused("the quote is signed by another chain: its root '" + common_name(*chain[2]) +
                       "' is not the trusted root '" + common_name(*root) + "', whose SHA-256 is " +
                       to_hex(sha256(trusted_root)));
    for (X509* certificate : {chain[0].get(), chain[1].get(), root.get()})
        HALLMARK_CHECK(check_algorithm(*certificate));
    HALLMARK_CHECK(verify_path(*chain[0], *chain[1], *root, "a PCK certificate signed by its CA", at));
    return std::move(chain[0]);
}

/// A public key from the coordinates of its point; refused where they are none of the curve.
Result<openssl::Key> key_of(const tdx::P256Pair& point) {
    Bytes encoded{0x04};
    append(encoded, point);
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!context || !builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()) != 1)
        return std::unexpected(openssl::error(kAttestationKey));
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    EVP_PKEY* key = nullptr;
    if (!parameters || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return std::unexpected(openssl::error(kAttestationKey, Fault::kNo));
    return openssl::Key(key);
}

/// r and s as OpenSSL takes them.
Result<Bytes> der_of(const tdx::P256Pair& pair) {
    const openssl::EcdsaSignature signature(ECDSA_SIG_new());
    openssl::Number r(BN_bin2bn(pair.data(), kNumberSize, nullptr));
    openssl::Number s(BN_bin2bn(pair.data() + kNumberSize, kNumberSize, nullptr));
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
        return std::unexpected(openssl::error("signature"));
    // They belong to the signature now.
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    unsigned char* encoded = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &encoded);
    if (size <= 0) return std::unexpected(openssl::error("signature"));
    Bytes der(encoded, encoded + size);
    OPENSSL_free(encoded);
    return der;
}

Status verify_signature(EVP_PKEY& key, ByteSpan bytes, const tdx::P256Pair& pair, std::string_view what) {
    HALLMARK_TRY(const Bytes signature, der_of(pair));
    const openssl::DigestContext context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, &key) != 1)
        return std::unexpected(openssl::error(what));
    const int holds = EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(), bytes.size());
    ERR_clear_error();
    if (holds != 1) return refused(std::string(what) + ": its signature does not hold");
    return {};
}

/// "SHA256(ECDSA Attestation Key || QE Authentication Data) || 32-0x00's"
Status check_binding(const tdx::Quote& quote) {
    Bytes bound(quote.attestation_key.begin(), quote.attestation_key.end());
    append(bound, quote.authentication_data);
    const ByteSpan data(quote.qe_report.report_data);
    if (equal(data.first(sizeof(Sha256)), sha256(bound)) && all_zero(data.subspan(sizeof(Sha256)))) return {};
    return refused("the quoting enclave's report does not name the quote's attestation key");
}

}  // namespace

Status verify_quote(const tdx::Quote& quote, ByteSpan trusted_root, std::optional<std::time_t> at) {
    HALLMARK_TRY(auto chain, read_chain(quote));
    HALLMARK_TRY(const auto pck, verify_chain(std::move(chain), trusted_root, at));
    EVP_PKEY* pck_key = X509_get0_pubkey(pck.get());
    if (pck_key == nullptr) return refused("certificate '" + common_name(*pck) + "' has no key that can be used");
    HALLMARK_CHECK(
        verify_signature(*pck_key, as_bytes(quote.qe_report), quote.qe_signature, "the quoting enclave's report"));
    HALLMARK_CHECK(check_binding(quote));
    HALLMARK_TRY(const auto key, key_of(quote.attestation_key));
    return verify_signature(*key, quote.signed_bytes, quote.signature, "the quote");
}

Status appraise_quote(const tdx::Quote& quote, const ExpectedTd& expected) {
    if (quote.body.report_data != expected.report_data)
        return refused("the quote has report data " + to_hex(quote.body.report_data) + ", the challenge was " +
                       to_hex(expected.report_data) + ": it is not the answer to it");
    if ((quote.body.td_attributes & tdx::kAttributeDebug) != 0)
        return refused("the quote is of a trust domain whose memory can be read by a debugger (attribute DEBUG)");
    if (quote.body.mr_config_id != expected.mr_config_id)
        return refused("the quote has MRCONFIGID " + to_hex(quote.body.mr_config_id) + ", expected " +
                       to_hex(expected.mr_config_id));
    return {};
}

Result<tdx::Quote> prove_quote(ByteSpan bytes, ByteSpan trusted_root, const ExpectedTd& expected,
                               std::optional<std::time_t> at) {
    auto quote = tdx::parse_quote(bytes);
    if (!quote) return refused(quote.error().message);
    HALLMARK_CHECK(verify_quote(*quote, trusted_root, at));
    HALLMARK_CHECK(appraise_quote(*quote, expected));
    return quote;
}

}  // namespace hallmark::verifier
