// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/quote.hpp"

#include <cstddef>
#include <string>
#include <utility>

#include "common/digest.hpp"
#include "common/formats/tdx_report.hpp"
#include "common/hex.hpp"
#include "common/openssl.hpp"
#include "relying-party/verifier/tdx/p256.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "relying-party/verifier/x509/path.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::size_t kMostCertificates = 3;  // PCK, CA, root

/// "SHA256(ECDSA Attestation Key || QE Authentication Data) || 32-0x00's"
Status check_binding(const tdx::Quote& quote) {
    Bytes bound(quote.attestation_key.begin(), quote.attestation_key.end());
    append(bound, quote.authentication_data);
    const ByteSpan data(quote.qe_report.report_data);
    if (equal(data.first(sizeof(Sha256)), sha256(bound)) && all_zero(data.subspan(sizeof(Sha256)))) return {};
    return refused("the quoting enclave's report does not name the quote's attestation key");
}

}  // namespace

Status check_certificate_algorithm(X509& certificate) {
    int digest = NID_undef;
    int key = NID_undef;
    if (X509_get_signature_info(&certificate, &digest, &key, nullptr, nullptr) != 1 || digest != NID_sha256 ||
        key != NID_X9_62_id_ecPublicKey)
        return refused("certificate '" + common_name(certificate) + "' is not signed with ECDSA and SHA-256");
    return {};
}

Result<QuoteChain> read_quote_chain(const tdx::Quote& quote) {
    if (quote.certification_type != tdx::kCertifiedByPckChain)
        return refused("quote: certification data of type " + std::to_string(quote.certification_type) +
                       ", expected 5, a chain of certificates in PEM");
    auto read = read_certificates(quote.certification, kMostCertificates);
    if (!read) return refused("quote: " + read.error().message);
    if (read->size() < 2) return refused("quote: its PCK certificate and the CA's are not there in PEM");
    QuoteChain chain{std::move(read->at(0)), std::move(read->at(1)), nullptr};
    if (read->size() == kMostCertificates) chain.root = std::move(read->at(2));
    return chain;
}

Status verify_quote_chain(const QuoteChain& chain, X509& root, std::optional<std::time_t> at) {
    for (X509* certificate : {chain.pck.get(), chain.authority.get(), &root})
        HALLMARK_CHECK(check_certificate_algorithm(*certificate));
    return verify_path(*chain.pck, *chain.authority, root, "a PCK certificate signed by its CA", at);
}

Status verify_quote_signatures(const tdx::Quote& quote, const X509& pck) {
    EVP_PKEY* pck_key = X509_get0_pubkey(&pck);
    if (pck_key == nullptr) return refused("certificate '" + common_name(pck) + "' has no key that can be used");
    HALLMARK_CHECK(
        verify_p256(*pck_key, as_bytes(quote.qe_report), quote.qe_signature, "the quoting enclave's report"));
    HALLMARK_CHECK(check_binding(quote));
    HALLMARK_TRY(const auto key, p256_key(quote.attestation_key, "the quote's attestation key"));
    return verify_p256(*key, quote.signed_bytes, quote.signature, "the quote");
}

Status verify_quote(const tdx::Quote& quote, ByteSpan trusted_root, std::optional<std::time_t> at) {
    HALLMARK_TRY(const QuoteChain chain, read_quote_chain(quote));
    HALLMARK_TRY(const auto root, parse_certificate(trusted_root, "trusted root"));
    if (chain.root && X509_cmp(chain.root.get(), root.get()) != 0)
        return refused("the quote is signed by another chain: its root '" + common_name(*chain.root) +
                       "' is not the trusted root '" + common_name(*root) + "', whose SHA-256 is " +
                       to_hex(sha256(trusted_root)));
    HALLMARK_CHECK(verify_quote_chain(chain, *root, at));
    return verify_quote_signatures(quote, *chain.pck);
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
