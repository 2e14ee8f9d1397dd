// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/chain.hpp"

#include <openssl/pem.h>

#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/formats/snp_certificates.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/x509/path.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::size_t kLargestPem = 64 * 1024;

using Bio = openssl::Owned<BIO, BIO_free_all>;

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
    const auto theirs = parse_certificate(endorsements.ark, "ARK");
    HALLMARK_TRY(const auto trusted, parse_certificate(trusted_root, "trusted root"));
    return refused("the report is signed by another chain: its root '" + (theirs ? common_name(**theirs) : "?") +
                   "' has SHA-256 " + to_hex(sha256(endorsements.ark)) + ", the trusted root '" +
                   common_name(*trusted) + "' has " + to_hex(sha256(trusted_root)));
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
    HALLMARK_TRY(auto vcek, parse_certificate(endorsements.vcek, "VCEK"));
    HALLMARK_TRY(const auto ask, parse_certificate(endorsements.ask, "ASK"));
    HALLMARK_TRY(const auto ark, parse_certificate(trusted_root, "trusted root"));
    HALLMARK_CHECK(check_algorithm(*vcek, "VCEK"));
    HALLMARK_CHECK(check_algorithm(*ask, "ASK"));
    HALLMARK_CHECK(check_algorithm(*ark, "trusted root"));
    HALLMARK_CHECK(verify_path(*vcek, *ask, *ark, "a VCEK signed by the ASK", at));
    return vcek;
}

}  // namespace hallmark::verifier
