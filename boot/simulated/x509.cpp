// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/x509.hpp"

#include <openssl/x509v3.h>

#include <bit>

namespace hallmark::boot::x509 {
namespace {

using Name = openssl::Owned<X509_NAME, X509_NAME_free>;
using Extension = openssl::Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Object = openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free>;
using Octets = openssl::Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

constexpr std::uint8_t kIntegerTag = 0x02;
constexpr std::uint8_t kOctetsTag = 0x04;
constexpr std::uint8_t kIa5StringTag = 0x16;

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

bool add(X509& certificate, const Object& object, ByteSpan value, bool critical) {
    const Octets octets(ASN1_OCTET_STRING_new());
    if (!object || !octets || ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size())) != 1)
        return false;
    const Extension extension(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, octets.get()));
    return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

bool add_basic_constraints_and_usage(X509& certificate, ByteSpan constraints, std::uint8_t usage,
                                     std::uint8_t unused_bits) {
    const Bytes key_usage{0x03, 0x02, unused_bits, usage};
    return add(certificate, Object(OBJ_nid2obj(NID_basic_constraints)), constraints, /* critical= */ true) &&
           add(certificate, Object(OBJ_nid2obj(NID_key_usage)), key_usage, /* critical= */ true);
}

}  // namespace

Result<openssl::Certificate> start(const Template& from, const Template& issuer, EVP_PKEY& key) {
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

bool add_extension(X509& certificate, const char* identifier, ByteSpan value) {
    return add(certificate, Object(OBJ_txt2obj(identifier, 1)), value, /* critical= */ false);
}

bool add_authority_extensions(X509& certificate, int path_length) {
    const Bytes any_path{0x30, 0x03, 0x01, 0x01, 0xff};
    const Bytes limited{0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, static_cast<std::uint8_t>(path_length)};
    // keyCertSign and cRLSign
    return add_basic_constraints_and_usage(certificate, path_length < 0 ? any_path : limited, 0x06, 1);
}

bool add_signer_extensions(X509& certificate) {
    const Bytes no_authority{0x30, 0x00};
    // digitalSignature and nonRepudiation
    return add_basic_constraints_and_usage(certificate, no_authority, 0xc0, 6);
}

Bytes der(std::uint8_t tag, ByteSpan content) {
    Bytes value{tag};
    const auto size = content.size();
    if (size < 0x80) {
        value.push_back(static_cast<std::uint8_t>(size));
    } else {
        const int bytes = (static_cast<int>(std::bit_width(size)) + 7) / 8;
        value.push_back(static_cast<std::uint8_t>(0x80 | bytes));
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            value.push_back(static_cast<std::uint8_t>(size >> shift));
    }
    append(value, content);
    return value;
}

Bytes der_integer(std::uint8_t value) {
    const Bytes negative_otherwise{0x00, value};
    return der(kIntegerTag, value < 0x80 ? ByteSpan(negative_otherwise).subspan(1) : ByteSpan(negative_otherwise));
}

Bytes der_ia5_string(std::string_view text) { return der(kIa5StringTag, as_bytes(text)); }

Bytes der_octets(ByteSpan content) { return der(kOctetsTag, content); }

Bytes der_object(const char* identifier) {
    const Object object(OBJ_txt2obj(identifier, 1));
    const int size = object ? i2d_ASN1_OBJECT(object.get(), nullptr) : 0;
    Bytes encoded(static_cast<std::size_t>(size > 0 ? size : 0));
    unsigned char* at = encoded.data();
    if (size > 0) i2d_ASN1_OBJECT(object.get(), &at);
    return encoded;
}

Result<Bytes> to_der(const X509& certificate) {
    unsigned char* encoded = nullptr;
    const int size = i2d_X509(&certificate, &encoded);
    if (size <= 0) return std::unexpected(openssl::error("certificate"));
    Bytes bytes(encoded, encoded + size);
    OPENSSL_free(encoded);
    return bytes;
}

}  // namespace hallmark::boot::x509
