// SPDX-License-Identifier: Apache-2.0
#include "boot/proof/chain.hpp"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/formats/snp_certificates.hpp"
#include "common/hex.hpp"

namespace hallmark::proof {
namespace {

constexpr std::size_t kLargestPem = 64 * 1024;
constexpr int kCertificatesInChain = 3;  // VCEK, ASK, ARK

using Bio = openssl::Owned<BIO, BIO_free_all>;
using Store = openssl::Owned<X509_STORE, X509_STORE_free>;
using StoreContext = openssl::Owned<X509_STORE_CTX, X509_STORE_CTX_free>;
using Stack = openssl::Owned<STACK_OF(X509), +[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>;

Result<openssl::Certificate> parse(ByteSpan der, std::string_view role) {
    const unsigned char* cursor = der.data();
    openssl::Certificate certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
    if (!certificate || cursor != der.data() + der.size())
        return refused(std::string(role) + " is not one certificate in DER");
    return certificate;
}

std::string common_name(const X509& certificate) {
    char name[128] = "?";
    X509_NAME_get_text_by_NID(X509_get_subject_name(&certificate), NID_commonName, name, sizeof name);
    for (char* c = name; *c != 0; ++c)
        if (*c < 0x20 || *c > 0x7e) *c = '?';
    return name;
}

/// AMD signs all of them with RSASSA-PSS and SHA-384 (publication 57230, chapter 3).
Status check_algorithm(X509& certificate, std::string_view role) {
    int digest = NID_undef;
    int key = NID_undef;
    if (X509_get_signature_info(&certificate, &digest, &key, nullptr, nullptr) != 1 || digest != NID_sha384 ||
        key != NID_rsassaPss)
        return refused(std::string(role) + " is not signed with RSASSA-PSS and SHA-384");
    return {};
}

/// Names another root where the chain came with one; OpenSSL would only say that an issuer is missing.
Status check_root(const Endorsements& endorsements, ByteSpan trusted_root) {
    if (endorsements.ark.empty() || equal(endorsements.ark, trusted_root)) return {};
    const auto theirs = parse(endorsements.ark, "ARK");
    HALLMARK_TRY(const auto trusted, parse(trusted_root, "trusted root"));
    return refused("the report is signed by another chain: its root '" + (theirs ? common_name(**theirs) : "?") +
                   "' has SHA-256 " + to_hex(sha256(endorsements.ark)) + ", the trusted root '" +
                   common_name(*trusted) + "' has " + to_hex(sha256(trusted_root)));
}

Status verify(X509& vcek, X509& ask, X509& ark, std::optional<std::time_t> at) {
    const Store store(X509_STORE_new());
    const Stack untrusted(sk_X509_new_null());
    const StoreContext context(X509_STORE_CTX_new());
    if (!store || !untrusted || !context || X509_STORE_add_cert(store.get(), &ark) != 1 ||
        sk_X509_push(untrusted.get(), &ask) < 1 ||
        X509_STORE_CTX_init(context.get(), store.get(), &vcek, untrusted.get()) != 1)
        return std::unexpected(openssl::error("certificate chain"));
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CHECK_SS_SIGNATURE);
    X509_VERIFY_PARAM_set_depth(parameters, 1);  // one authority between leaf and root
    if (at) X509_VERIFY_PARAM_set_time(parameters, *at);
    if (X509_verify_cert(context.get()) == 1) {
        // OpenSSL takes the shortest way to the root: an authority in the VCEK's place has one as well.
        if (sk_X509_num(X509_STORE_CTX_get0_chain(context.get())) == kCertificatesInChain) return {};
        return refused("certificate '" + common_name(vcek) +
                       "' is an authority or was signed by the root, expected a VCEK signed by the ASK");
    }
    const int reason = X509_STORE_CTX_get_error(context.get());
    const X509* culprit = X509_STORE_CTX_get_current_cert(context.get());
    return refused("certificate '" + (culprit != nullptr ? common_name(*culprit) : "?") +
                   "': " + X509_verify_cert_error_string(reason));
}

}  // namespace

Result<Bytes> read_root(const std::filesystem::path& path) {
    HALLMARK_TRY(const Bytes text, read_file(path, kLargestPem));
    const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    const openssl::Certificate certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!certificate) return std::unexpected(openssl::error(path.string() + ": expected a certificate in PEM"));
    unsigned char* encoded = nullptr;
    const int size = i2d_X509(certificate.get(), &encoded);
    if (size <= 0) return std::unexpected(openssl::error(path.string()));
    Bytes der(encoded, encoded + size);
    OPENSSL_free(encoded);
    return der;
}

Result<Endorsements> read_endorsements(ByteSpan certificate_table) {
    auto table = snp::parse_certificate_table(certificate_table);
    if (!table) return refused(table.error().message);
    Endorsements endorsements;
    for (auto& certificate : *table) {
        Bytes* place = certificate.guid == snp::kVcekGuid  ? &endorsements.vcek
                       : certificate.guid == snp::kAskGuid ? &endorsements.ask
                       : certificate.guid == snp::kArkGuid ? &endorsements.ark
                                                           : nullptr;
        if (place == nullptr) continue;
        if (!place->empty()) return refused("SNP certificate table: " + certificate.guid.text() + " stands twice");
        *place = std::move(certificate.der);
    }
    if (endorsements.vcek.empty() || endorsements.ask.empty())
        return refused("the evidence came without VCEK and ASK certificates");
    return endorsements;
}

Result<openssl::Certificate> verify_chain(const Endorsements& endorsements, ByteSpan trusted_root,
                                          std::optional<std::time_t> at) {
    HALLMARK_CHECK(check_root(endorsements, trusted_root));
    HALLMARK_TRY(auto vcek, parse(endorsements.vcek, "VCEK"));
    HALLMARK_TRY(const auto ask, parse(endorsements.ask, "ASK"));
    HALLMARK_TRY(const auto ark, parse(trusted_root, "trusted root"));
    HALLMARK_CHECK(check_algorithm(*vcek, "VCEK"));
    HALLMARK_CHECK(check_algorithm(*ask, "ASK"));
    HALLMARK_CHECK(check_algorithm(*ark, "trusted root"));
    HALLMARK_CHECK(verify(*vcek, *ask, *ark, at));
    return vcek;
}

}  // namespace hallmark::proof
