// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/pck.hpp"

#include <string>

#include "boot/simulated/tdx/p256.hpp"

namespace hallmark::boot {
namespace {

using x509::der;
using x509::Template;

constexpr const char* kRootNotAfter = "20510101000000Z";
constexpr const char* kCaNotAfter = "20410101000000Z";
constexpr const char* kPckNotAfter = "20330101000000Z";  // 7 years, as a PCK certificate
constexpr Template kRoot{"SGX Root CA SIMULATED by hallmark-boot", 0x20000, kRootNotAfter};
constexpr Template kPlatformCa{"SGX PCK Platform CA SIMULATED by hallmark-boot", 0x20001, kCaNotAfter};
constexpr Template kPck{"SGX PCK Certificate SIMULATED by hallmark-boot", 0x20002, kPckNotAfter};

constexpr const char* kSgxExtensions = "1.2.840.113741.1.13.1";
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kEnumerated = 0x0a;
constexpr std::uint8_t kBoolean = 0x01;
constexpr unsigned kComponents = 16;
constexpr std::uint8_t kSvn = 2;  // of every component: plausible, of no real platform
constexpr std::uint8_t kPceSvn = 13;

bool sign(X509& certificate, EVP_PKEY& key) { return X509_sign(&certificate, &key, EVP_sha256()) > 0; }

/// One member of the extension: its identifier below the extension's own, and its value.
Bytes member(const std::string& suffix, const Bytes& value) {
    Bytes content = x509::der_object((std::string(kSgxExtensions) + "." + suffix).c_str());
    append(content, value);
    return der(kSequence, content);
}

Bytes tcb() {
    Bytes members;
    for (unsigned component = 1; component <= kComponents; ++component)
        append(members, member("2." + std::to_string(component), x509::der_integer(kSvn)));
    append(members, member("2.17", x509::der_integer(kPceSvn)));
    append(members, member("2.18", x509::der_octets(Bytes(kComponents, kSvn))));
    return der(kSequence, members);
}

Bytes configuration() {
    const Bytes yes = der(kBoolean, Bytes{0xff});
    Bytes members = member("7.1", yes);   // dynamic platform
    append(members, member("7.2", yes));  // cached keys
    append(members, member("7.3", yes));  // SMT
    return der(kSequence, members);
}

Bytes sgx_extensions(const PlatformIdentity& identity) {
    Bytes members = member("1", x509::der_octets(identity.ppid));
    append(members, member("2", tcb()));
    append(members, member("3", x509::der_octets(Bytes(2))));  // PCE-ID
    append(members, member("4", x509::der_octets(kSimulatedFmspc)));
    append(members, member("5", der(kEnumerated, Bytes{1})));  // scalable
    append(members, member("6", x509::der_octets(identity.instance)));
    append(members, member("7", configuration()));
    return der(kSequence, members);
}

Result<KeyAndCertificate> make_authority(const Template& from, const Template& issuer, EVP_PKEY* issuer_key,
                                         int path_length) {
    KeyAndCertificate made;
    HALLMARK_TRY(made.key, make_p256());
    HALLMARK_TRY(made.certificate, x509::start(from, issuer, *made.key));
    if (!x509::add_authority_extensions(*made.certificate, path_length) ||
        !sign(*made.certificate, issuer_key != nullptr ? *issuer_key : *made.key))
        return std::unexpected(openssl::error(from.common_name));
    return made;
}

}  // namespace

Result<KeyAndCertificate> make_tdx_root() { return make_authority(kRoot, kRoot, nullptr, 1); }

Result<KeyAndCertificate> make_platform_ca(const KeyAndCertificate& root) {
    return make_authority(kPlatformCa, kRoot, root.key.get(), 0);
}

Result<KeyAndCertificate> make_pck(const KeyAndCertificate& platform_ca, const PlatformIdentity& identity) {
    KeyAndCertificate made;
    HALLMARK_TRY(made.key, make_p256());
    HALLMARK_TRY(made.certificate, x509::start(kPck, kPlatformCa, *made.key));
    if (!x509::add_signer_extensions(*made.certificate) ||
        !x509::add_extension(*made.certificate, kSgxExtensions, sgx_extensions(identity)) ||
        !sign(*made.certificate, *platform_ca.key))
        return std::unexpected(openssl::error(kPck.common_name));
    return made;
}

}  // namespace hallmark::boot
