// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/certificates.hpp"

#include <openssl/rsa.h>

#include "common/formats/snp_certificates.hpp"

namespace hallmark::boot {
namespace {

using x509::add_extension;
using x509::der_integer;
using x509::Template;

constexpr unsigned kRsaBits = 4096;
constexpr int kSaltBytes = 48;
constexpr const char* kAuthorityNotAfter = "20510101000000Z";  // 25 years, as AMD's ARK and ASK
constexpr const char* kVcekNotAfter = "20330101000000Z";       // 7 years, as a VCEK

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
    HALLMARK_TRY(made.certificate, x509::start(from, issuer, *made.key));
    if (!x509::add_authority_extensions(*made.certificate, path_length) ||
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
    HALLMARK_TRY(made.certificate, x509::start(kVcek, kAsk, *made.key));
    X509& certificate = *made.certificate;
    const auto& tcb = product.tcb;
    const bool turin = product.layout == snp::TcbLayout::kTurin;
    // Turin's identifier has 8 bytes, in the report as in the certificate.
    const ByteSpan hardware_id = ByteSpan(chip).first(turin ? 8 : chip.size());
    const bool done = add_extension(certificate, kds::kStructVersion, der_integer(turin ? 1 : 0)) &&
                      add_extension(certificate, kds::kProductName, x509::der_ia5_string(product.name)) &&
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

}  // namespace hallmark::boot
