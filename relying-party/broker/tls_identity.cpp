// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/tls_identity.hpp"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/openssl.hpp"

namespace hallmark::broker {
namespace {

constexpr std::size_t kLargestPem = std::size_t{256} * 1024;
constexpr long kYear = 365L * 24 * 3600;
constexpr long kValidFor = 10 * kYear;
constexpr long kClockSkew = 3600;

using Stream = openssl::Owned<BIO, BIO_free_all>;
using Extension = openssl::Owned<X509_EXTENSION, X509_EXTENSION_free>;

ByteSpan contents(BIO& memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&memory, &data);
    return {reinterpret_cast<const std::uint8_t*>(data), size > 0 ? static_cast<std::size_t>(size) : 0};
}

Result<openssl::Certificate> parse_certificate(ByteSpan pem, const std::string& where) {
    const Stream stream(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    openssl::Certificate certificate(stream ? PEM_read_bio_X509(stream.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!certificate) return std::unexpected(openssl::error(where));
    return certificate;
}

Result<std::string> fingerprint(X509& certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(&certificate, &der);
    if (size <= 0) return std::unexpected(openssl::error("certificate"));
    auto text = to_hex(sha256(ByteSpan(der, static_cast<std::size_t>(size))));
    OPENSSL_free(der);
    return text;
}

/// "DNS:localhost,IP:127.0.0.1". Nothing that could end one name and begin another gets in.
Result<std::string> subject_alternative_names(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) {
        if (name.empty() || name.size() > 253 || name.find_first_of(",:;=\n\r\t ") != std::string::npos) {
            in6_addr address{};
            if (::inet_pton(AF_INET6, name.c_str(), &address) != 1)
                return bad_input("--tls-name '" + name + "': expected a host name or an address");
        }
        in6_addr v6{};
        in_addr v4{};
        const bool is_address =
            ::inet_pton(AF_INET, name.c_str(), &v4) == 1 || ::inet_pton(AF_INET6, name.c_str(), &v6) == 1;
        text += (text.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
    }
    return text;
}

Status add_extension(X509& certificate, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    if (!extension || X509_add_ext(&certificate, extension.get(), -1) != 1)
        return std::unexpected(openssl::error("certificate"));
    return {};
}

Status name_it(X509& certificate) {
    std::array<std::uint8_t, 16> serial{};
    if (RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1)
        return std::unexpected(openssl::error("certificate"));
    serial[0] &= 0x7f;  // positive
    const openssl::Number number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
    X509_NAME* name = X509_get_subject_name(&certificate);
    constexpr std::string_view kName = "hallmark-kbs";
    const auto* bytes = reinterpret_cast<const unsigned char*>(kName.data());
    if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) == nullptr ||
        X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, bytes, static_cast<int>(kName.size()), -1, 0) !=
            1 ||
        X509_set_issuer_name(&certificate, name) != 1)
        return std::unexpected(openssl::error("certificate"));
    return {};
}

/// For a server only: clients that pin it as their one root refuse a certificate authority in a server's place.
Result<openssl::Certificate> self_signed(EVP_PKEY& key, const std::vector<std::string>& names) {
    HALLMARK_TRY(const std::string alternative_names, subject_alternative_names(names));
    openssl::Certificate certificate(X509_new());
    if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kClockSkew) == nullptr ||
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidFor) == nullptr ||
        X509_set_pubkey(certificate.get(), &key) != 1)
        return std::unexpected(openssl::error("certificate"));
    HALLMARK_CHECK(name_it(*certificate));
    HALLMARK_CHECK(add_extension(*certificate, NID_basic_constraints, "critical,CA:FALSE"));
    HALLMARK_CHECK(add_extension(*certificate, NID_ext_key_usage, "serverAuth"));
    HALLMARK_CHECK(add_extension(*certificate, NID_subject_key_identifier, "hash"));
    HALLMARK_CHECK(add_extension(*certificate, NID_subject_alt_name, alternative_names));
    if (X509_sign(certificate.get(), &key, EVP_sha256()) <= 0) return std::unexpected(openssl::error("certificate"));
    return certificate;
}

Status make_files(const std::filesystem::path& certificate_file, const std::filesystem::path& key_file,
                  const std::vector<std::string>& names) {
    const openssl::Key key(EVP_EC_gen("P-256"));
    if (!key) return std::unexpected(openssl::error("TLS key"));
    HALLMARK_TRY(const auto certificate, self_signed(*key, names));
    const Stream key_pem(BIO_new(BIO_s_secmem()));
    const Stream certificate_pem(BIO_new(BIO_s_mem()));
    if (!key_pem || !certificate_pem ||
        PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
        PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1)
        return std::unexpected(openssl::error("TLS key"));
    // The key first: without the certificate both are made anew.
    HALLMARK_CHECK(write_file(key_file, contents(*key_pem), 0600));
    return write_file(certificate_file, contents(*certificate_pem));
}

}  // namespace

Result<TlsIdentity> read_tls_identity(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    TlsIdentity identity;
    HALLMARK_TRY(identity.certificate, read_file(certificate, kLargestPem));
    HALLMARK_TRY(Bytes key_bytes, read_file(key, kLargestPem));
    identity.key = Secret(std::move(key_bytes));
    HALLMARK_TRY(const auto parsed, parse_certificate(identity.certificate, certificate.string()));
    HALLMARK_TRY(identity.fingerprint, fingerprint(*parsed));
    return identity;
}

Result<TlsIdentity> own_tls_identity(const std::filesystem::path& folder, const std::vector<std::string>& names) {
    const auto certificate_file = folder / "tls.crt";
    const auto key_file = folder / "tls.key";
    std::error_code ignored;
    if (std::filesystem::exists(certificate_file, ignored) && std::filesystem::exists(key_file, ignored)) {
        HALLMARK_TRY(TlsIdentity identity, read_tls_identity(certificate_file, key_file));
        HALLMARK_TRY(const auto parsed, parse_certificate(identity.certificate, certificate_file.string()));
        if (X509_cmp_current_time(X509_get0_notAfter(parsed.get())) > 0) return identity;
    }
    HALLMARK_CHECK(make_files(certificate_file, key_file, names));
    HALLMARK_TRY(TlsIdentity identity, read_tls_identity(certificate_file, key_file));
    identity.made = true;
    return identity;
}

}  // namespace hallmark::broker
