// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/certificates.hpp"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "common/formats/snp_certificates.hpp"

namespace hallmark::boot {
namespace {

constexpr unsigned kRsaBits = 4096;
constexpr int kSaltBytes = 48;
constexpr const char* kNotBefore = "20260101000000Z";
constexpr const char* kAuthorityNotAfter = "20510101000000Z";  // 25 years, as AMD's ARK and ASK
constexpr const char* kVcekNotAfter = "20330101000000Z";       // 7 years, as a VCEK

using Name = openssl::Owned<X509_NAME, X509_NAME_free>;
using Extension = openssl::Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Object = openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free>;
using Octets = openssl::Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

struct Template {
    const char* common_name;
    long serial;
    const char* not_after;
};

/// The fields in the order in which AMD's certificates have them.
Name make_name(const char* common_name) {
    Name name(X509_NAME_new());
    const auto add = [&](const char* field, const char* text) {
        return name != nullptr &&
               X509_NAME_add_entry_by_txt(name.get(), field, MBSTRING_UTF8,
                                          reinterpret_cast<const unsigned char*>(text), -1, -1, 0) == 1;
    };
    if (!add("OU", "SIMULATED, no hardware") || !add("O", "Hallmark simulated platform") || !add("CN", common_name))
        return nullptr;
    return name;
}

bool add_extension(X509& certificate, const Object& object, ByteSpan value, bool critical) {
    const Octets octets(ASN1_OCTET_STRING_new());
    if (!object || !octets || ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size())) != 1)
        return false;
    const Extension extension(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, octets.get()));
    return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

bool add_extension(X509& certificate, const char* identifier, ByteSpan value) {
    return add_extension(certificate, Object(OBJ_txt2obj(identifier, 1)), value, /* critical= */ false);
}

/// A small number as DER INTEGER: one byte more where the top bit would mean "negative".
Bytes der_integer(std::uint8_t value) {
    if (value < 0x80) return {0x02, 0x01, value};
    return {0x02, 0x02, 0x00, value};
}

Bytes der_ia5_string(std::string_view text) {
    Bytes der{0x16, static_cast<std::uint8_t>(text.size())};
    append(der, as_bytes(text));
    return der;
}

Result<openssl::Certificate> start_certificate(const Template& from, const Template& issuer, EVP_PKEY& key) {
    openssl::Certificate certificate(X509_new());
    const Name subject_name = make_name(from.common_name);
    const Name issuer_name = make_name(issuer.common_name);
    if (!certificate || !subject_name || !issuer_name || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), from.serial) != 1 ||
        ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), kNotBefore) != 1 ||
        ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), from.not_after) != 1 ||
        X509_set_subject_name(certificate.get(), subject_name.get()) != 1 ||
        X509_set_issuer_name(certificate.get(), issuer_name.get()) != 1 ||
        X509_set_pubkey(certificate.get(), &key) != 1)
        return std::unexpected(openssl::error(from.common_name));
    return certificate;
}

/// basicConstraints and keyUsage of an authority, critical; `path_length` below 0 sets none.
bool add_authority_extensions(X509& certificate, int path_length) {
    const Bytes any_path{0x30, 0x03, 0x01, 0x01, 0xff};
    const Bytes limited{0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, static_cast<std::uint8_t>(path_length)};
    const Bytes sign_certificates_and_crls{0x03, 0x02, 0x01, 0x06};
    return add_extension(certificate, Object(OBJ_nid2obj(NID_basic_constraints)), path_length < 0 ? any_path : limited,
                         /* critical= */ true) &&
           add_extension(certificate, Object(OBJ_nid2obj(NID_key_usage)), sign_certificates_and_crls,
                         /* critical= */ true);
}

/// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and 48 bytes of salt.
bool sign(X509& certificate, EVP_PKEY& key) {
    const openssl::DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    return context && EVP_DigestSignInit(context.get(), &parameters, EVP_sha384(), nullptr, &key) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, kSaltBytes) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha384()) == 1 &&
           X509_sign_ctx(&certificate, context.get()) > 0;
}

constexpr Template kArk{"ARK SIMULATED by hallmark-boot", 0x10000, kAuthorityNotAfter};
constexpr Template kAsk{"SEV SIMULATED by hallmark-boot", 0x10001, kAuthorityNotAfter};
constexpr Template kVcek{"SEV-VCEK SIMULATED by hallmark-boot", 0, kVcekNotAfter};

Result<KeyAndCertificate> make_authority(const Template& from, const Template& issuer, EVP_PKEY* issuer_key,
                                         int path_length) {
    KeyAndCertificate made;
    made.key.reset(EVP_RSA_gen(kRsaBits));
    if (!made.key) return std::unexpected(openssl::error(from.common_name));
    HALLMARK_TRY(made.certificate, start_certificate(from, issuer, *made.key));
    if (!add_authority_extensions(*made.certificate, path_length) ||
        !sign(*made.certificate, issuer_key != nullptr ? *issuer_key : *made.key))
        return std::unexpected(openssl::error(from.common_name));
    return made;
}

}  // namespace

Result<KeyAndCertificate> make_ark() { return make_authority(kArk, kArk, nullptr, -1); }

Result<KeyAndCertificate> make_ask(const KeyAndCertificate& ark) {
    return make_authority(kAsk, kArk, ark.key.get(), 0);
}

Result<KeyAndCertificate> make_vcek(const KeyAndCertificate& ask, const Product& product, const ChipId& chip) {
    namespace kds = snp::kds;
    KeyAndCertificate made;
    made.key.reset(EVP_EC_gen("P-384"));
    if (!made.key) return std::unexpected(openssl::error(kVcek.common_name));
    HALLMARK_TRY(made.certificate, start_certificate(kVcek, kAsk, *made.key));
    X509& certificate = *made.certificate;
    const auto& tcb = product.tcb;
    const bool turin = product.layout == snp::TcbLayout::kTurin;
    // Turin's identifier has 8 bytes, in the report as in the certificate.
    const ByteSpan hardware_id = ByteSpan(chip).first(turin ? 8 : chip.size());
    const bool done = add_extension(certificate, kds::kStructVersion, der_integer(turin ? 1 : 0)) &&
                      add_extension(certificate, kds::kProductName, der_ia5_string(product.name)) &&
                      add_extension(certificate, kds::kBootLoader, der_integer(tcb.boot_loader)) &&
                      add_extension(certificate, kds::kTee, der_integer(tcb.tee)) &&
                      add_extension(certificate, kds::kSpl4, der_integer(0)) &&
                      add_extension(certificate, kds::kSpl5, der_integer(0)) &&
                      add_extension(certificate, kds::kSpl6, der_integer(0)) &&
                      add_extension(certificate, kds::kSpl7, der_integer(0)) &&
                      add_extension(certificate, kds::kSnp, der_integer(tcb.snp)) &&
                      add_extension(certificate, kds::kMicrocode, der_integer(tcb.microcode)) &&
                      (!turin || add_extension(certificate, kds::kFmc, der_integer(tcb.fmc))) &&
                      add_extension(certificate, kds::kHardwareId, hardware_id) && sign(certificate, *ask.key);
    if (!done) return std::unexpected(openssl::error(kVcek.common_name));
    return made;
}

Result<Bytes> to_der(const X509& certificate) {
    unsigned char* encoded = nullptr;
    const int size = i2d_X509(&certificate, &encoded);
    if (size <= 0) return std::unexpected(openssl::error("certificate"));
    Bytes der(encoded, encoded + size);
    OPENSSL_free(encoded);
    return der;
}

}  // namespace hallmark::boot
