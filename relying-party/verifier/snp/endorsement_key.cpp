// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/endorsement_key.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "common/formats/snp_certificates.hpp"
#include "common/hex.hpp"

namespace hallmark::verifier {
namespace {

namespace kds = snp::kds;

constexpr std::uint32_t kSignerShift = 2;
constexpr std::uint32_t kSignerMask = 7;
constexpr std::uint32_t kSignerVcek = 0;
constexpr std::uint32_t kSignerVlek = 1;

constexpr std::uint8_t kIntegerTag = 0x02;
constexpr std::uint8_t kOctetStringTag = 0x04;
constexpr std::uint8_t kUtf8StringTag = 0x0c;
constexpr std::uint8_t kIa5StringTag = 0x16;

constexpr std::size_t kChipIdSize = 64;
constexpr std::size_t kTurinChipIdSize = 8;

using Object = openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free>;

/// Reads extensions of one certificate.
class Extensions {
public:
    Extensions(const X509& certificate, KeyKind kind) : certificate_(certificate), role_(name_of(kind)) {}

    [[nodiscard]] bool has(const char* identifier) const { return find(identifier, -1) >= 0; }

    /// The value of the only extension of that identifier.
    Result<ByteSpan> value(const char* identifier) const {
        const int index = find(identifier, -1);
        if (index < 0) return bad(identifier, "is missing");
        if (find(identifier, index) >= 0) return bad(identifier, "stands twice");
        const ASN1_OCTET_STRING* data = X509_EXTENSION_get_data(X509_get_ext(&certificate_, index));
        return ByteSpan(ASN1_STRING_get0_data(data), static_cast<std::size_t>(ASN1_STRING_length(data)));
    }

    /// DER INTEGER from 0 to 255.
    Result<std::uint8_t> small_number(const char* identifier) const {
        HALLMARK_TRY(const ByteSpan der, value(identifier));
        if (der.size() == 3 && der[0] == kIntegerTag && der[1] == 1 && der[2] < 0x80) return der[2];
        if (der.size() == 4 && der[0] == kIntegerTag && der[1] == 2 && der[2] == 0 && der[3] >= 0x80) return der[3];
        return bad(identifier, "is not an INTEGER from 0 to 255");
    }

    /// DER IA5String or UTF8String of at most 127 printable ASCII characters.
    Result<std::string> short_text(const char* identifier) const {
        HALLMARK_TRY(const ByteSpan der, value(identifier));
        const bool shaped = der.size() >= 2 && (der[0] == kIa5StringTag || der[0] == kUtf8StringTag) && der[1] < 0x80 &&
                            der.size() == std::size_t{2} + der[1];
        if (!shaped) return bad(identifier, "is not a short IA5String");
        std::string text(der.begin() + 2, der.end());
        if (!std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; }))
            return bad(identifier, "is not printable");
        return text;
    }

    /// AMD's service puts the octets into the extension without tag and length; the specification has them.
    Result<Bytes> octets(const char* identifier, std::size_t size) const {
        HALLMARK_TRY(ByteSpan der, value(identifier));
        if (der.size() == size + 2 && der[0] == kOctetStringTag && der[1] == size) der = der.subspan(2);
        if (der.size() != size) return bad(identifier, "has not " + std::to_string(size) + " bytes");
        return Bytes(der.begin(), der.end());
    }

private:
    [[nodiscard]] int find(const char* identifier, int after) const {
        const Object object(OBJ_txt2obj(identifier, 1));
        return object ? X509_get_ext_by_OBJ(&certificate_, object.get(), after) : -1;
    }
    [[nodiscard]] std::unexpected<Error> bad(const char* identifier, const std::string& how) const {
        return refused(role_ + ": extension " + identifier + " " + how);
    }
    const X509& certificate_;
    std::string role_;
};

std::optional<snp::ProductLine> line_of(std::string_view product_name) {
    struct Name {
        std::string_view begins;
        snp::ProductLine line;
    };
    constexpr std::array<Name, 5> kNames{{{"Milan", snp::ProductLine::kMilan},
                                          {"Genoa", snp::ProductLine::kGenoa},
                                          {"Bergamo", snp::ProductLine::kGenoa},
                                          {"Siena", snp::ProductLine::kGenoa},
                                          {"Turin", snp::ProductLine::kTurin}}};
    // The stepping may follow: "Milan-B0".
    const auto name = product_name.substr(0, product_name.find('-'));
    const auto* const found = std::ranges::find(kNames, name, &Name::begins);
    if (found == kNames.end()) return std::nullopt;
    return found->line;
}

Result<snp::TcbParts> read_tcb(const Extensions& extensions, snp::ProductLine line) {
    snp::TcbParts tcb;
    HALLMARK_TRY(tcb.boot_loader, extensions.small_number(kds::kBootLoader));
    HALLMARK_TRY(tcb.tee, extensions.small_number(kds::kTee));
    HALLMARK_TRY(tcb.snp, extensions.small_number(kds::kSnp));
    HALLMARK_TRY(tcb.microcode, extensions.small_number(kds::kMicrocode));
    if (line == snp::ProductLine::kTurin) {
        HALLMARK_TRY(tcb.fmc, extensions.small_number(kds::kFmc));
    }
    return tcb;
}

}  // namespace

std::string_view name_of(KeyKind kind) { return kind == KeyKind::kVcek ? "VCEK" : "VLEK"; }

Result<KeyKind> signing_key(const snp::AttestationReport& report) {
    const std::uint32_t signer = report.key_info >> kSignerShift & kSignerMask;
    if (signer == kSignerVcek) return KeyKind::kVcek;
    if (signer == kSignerVlek) return KeyKind::kVlek;
    return refused("report: signed by another key than a VCEK or VLEK (key information " + hex_number(report.key_info) +
                   ")");
}

Result<EndorsementKey> read_endorsement_key(const X509& certificate, KeyKind kind) {
    const Extensions extensions(certificate, kind);
    EndorsementKey key;
    key.kind = kind;
    HALLMARK_TRY(key.product_name, extensions.short_text(kds::kProductName));
    const auto line = line_of(key.product_name);
    if (!line)
        return refused(std::string(name_of(kind)) + ": product '" + key.product_name +
                       "', expected a Milan, Genoa or Turin");
    key.line = *line;
    HALLMARK_TRY(key.tcb, read_tcb(extensions, key.line));
    if (kind == KeyKind::kVlek) {
        if (extensions.has(kds::kHardwareId)) return refused("VLEK: it names a chip, as only a VCEK does");
        HALLMARK_TRY(key.csp_id, extensions.short_text(kds::kCspId));
        return key;
    }
    if (extensions.has(kds::kCspId)) return refused("VCEK: it names a cloud operator, as only a VLEK does");
    HALLMARK_TRY(
        key.hardware_id,
        extensions.octets(kds::kHardwareId, key.line == snp::ProductLine::kTurin ? kTurinChipIdSize : kChipIdSize));
    return key;
}

}  // namespace hallmark::verifier
