// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/vcek.hpp"

#include "common/formats/snp_certificates.hpp"

namespace hallmark::verifier {
namespace {

using Object = openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free>;

/// The value of the only extension of that identifier.
Result<ByteSpan> extension(const X509& certificate, const char* identifier) {
    const Object object(OBJ_txt2obj(identifier, 1));
    const int index = object ? X509_get_ext_by_OBJ(&certificate, object.get(), -1) : -1;
    if (index < 0) return refused("VCEK: extension " + std::string(identifier) + " is missing");
    if (X509_get_ext_by_OBJ(&certificate, object.get(), index) >= 0)
        return refused("VCEK: extension " + std::string(identifier) + " stands twice");
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(&certificate, index));
    return ByteSpan(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value)));
}

/// DER INTEGER from 0 to 255.
Result<std::uint8_t> small_number(const X509& certificate, const char* identifier) {
    HALLMARK_TRY(const ByteSpan der, extension(certificate, identifier));
    if (der.size() == 3 && der[0] == 0x02 && der[1] == 1 && der[2] < 0x80) return der[2];
    if (der.size() == 4 && der[0] == 0x02 && der[1] == 2 && der[2] == 0 && der[3] >= 0x80) return der[3];
    return refused("VCEK: extension " + std::string(identifier) + " is not an INTEGER from 0 to 255");
}

/// DER IA5String of at most 127 printable characters.
Result<std::string> short_text(const X509& certificate, const char* identifier) {
    HALLMARK_TRY(const ByteSpan der, extension(certificate, identifier));
    const bool shaped = der.size() >= 2 && der[0] == 0x16 && der[1] < 0x80 && der.size() == std::size_t{2} + der[1];
    if (!shaped) return refused("VCEK: extension " + std::string(identifier) + " is not a short IA5String");
    std::string text(der.begin() + 2, der.end());
    for (const char c : text)
        if (c < 0x20 || c > 0x7e) return refused("VCEK: extension " + std::string(identifier) + " is not printable");
    return text;
}

}  // namespace

Result<VcekFacts> read_vcek(const X509& certificate) {
    namespace kds = snp::kds;
    VcekFacts facts;
    HALLMARK_TRY(facts.product_name, short_text(certificate, kds::kProductName));
    const bool turin = facts.product_name.starts_with("Turin");
    facts.layout = turin ? snp::TcbLayout::kTurin : snp::TcbLayout::kMilan;
    HALLMARK_TRY(facts.tcb.boot_loader, small_number(certificate, kds::kBootLoader));
    HALLMARK_TRY(facts.tcb.tee, small_number(certificate, kds::kTee));
    HALLMARK_TRY(facts.tcb.snp, small_number(certificate, kds::kSnp));
    HALLMARK_TRY(facts.tcb.microcode, small_number(certificate, kds::kMicrocode));
    if (turin) {
        HALLMARK_TRY(facts.tcb.fmc, small_number(certificate, kds::kFmc));
    }
    HALLMARK_TRY(const ByteSpan hardware_id, extension(certificate, kds::kHardwareId));
    facts.hardware_id.assign(hardware_id.begin(), hardware_id.end());
    return facts;
}

}  // namespace hallmark::verifier
