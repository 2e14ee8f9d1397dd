// SPDX-License-Identifier: Apache-2.0
#include "common/formats/tdx_quote.hpp"

#include <string>
#include <utility>

#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::tdx {
namespace {

constexpr const char* kWhat = "TDX quote";

std::unexpected<Error> wrong(std::size_t offset, const char* field, std::uint64_t found, std::string_view expected) {
    return bad_input(std::string(kWhat) + ": offset " + hex_number(offset) + ": " + field + " found " +
                     hex_number(found) + ", expected " + std::string(expected));
}

Status check_header(const QuoteHeader& header) {
    if (header.version != 4 && header.version != 5) return wrong(0x00, "version", header.version, "4 or 5");
    if (header.attestation_key_type != kEcdsaP256Sha256)
        return wrong(0x02, "attestation key type", header.attestation_key_type, "2 (ECDSA P-256)");
    if (header.tee_type != kTeeTypeTdx) return wrong(0x04, "TEE type", header.tee_type, "0x81 (TDX)");
    return {};
}

Result<BodyType> read_body_type(Reader& reader) {
    const auto offset = reader.offset();
    HALLMARK_TRY(const auto descriptor, reader.structure<QuoteBodyDescriptor>());
    const auto type = static_cast<BodyType>(descriptor.type.get());
    if (type != BodyType::kTd10 && type != BodyType::kTd15)
        return wrong(offset, "body type", descriptor.type, "2 (TDX 1.0) or 3 (TDX 1.5)");
    const auto size = sizeof(QuoteBody) + (type == BodyType::kTd15 ? sizeof(QuoteBodyExtension) : 0);
    if (descriptor.size != size) return wrong(offset + 2, "body size", descriptor.size, std::to_string(size));
    return type;
}

/// A length, and a reader over that many bytes.
template <class Length>
Result<Reader> read_part(Reader& reader, const std::string& what) {
    HALLMARK_TRY(const Length length, reader.structure<Length>());
    const auto offset = reader.offset();
    HALLMARK_TRY(const ByteSpan bytes, reader.bytes(length.get()));
    return Reader(bytes, std::string(kWhat) + ": " + what, offset);
}

Result<Reader> read_certification(Reader& reader, std::uint16_t& type, const std::string& what) {
    HALLMARK_TRY(const auto read_type, reader.structure<Le16>());
    type = read_type;
    return read_part<Le32>(reader, what);
}

Status read_qe_report(Reader& reader, Quote& quote) {
    std::uint16_t type = 0;
    const auto offset = reader.offset();
    HALLMARK_TRY(Reader data, read_certification(reader, type, "certification data"));
    if (type != kCertifiedByQeReport) return wrong(offset, "certification data type", type, "6 (QE report)");
    HALLMARK_TRY(quote.qe_report, data.structure<EnclaveReport>());
    HALLMARK_TRY(quote.qe_signature, data.structure<P256Pair>());
    HALLMARK_TRY(Reader authentication, read_part<Le16>(data, "authentication data"));
    HALLMARK_TRY(quote.authentication_data, authentication.bytes(authentication.remaining()));
    HALLMARK_TRY(Reader certification,
                 read_certification(data, quote.certification_type, "certification data of the QE report"));
    HALLMARK_TRY(quote.certification, certification.bytes(certification.remaining()));
    return data.finished();
}

void append_length(Bytes& to, ByteSpan part) { append(to, as_bytes(Le32(static_cast<std::uint32_t>(part.size())))); }

Bytes encode_qe_report(const Quote& quote) {
    Bytes bytes;
    append(bytes, as_bytes(quote.qe_report));
    append(bytes, quote.qe_signature);
    append(bytes, as_bytes(Le16(static_cast<std::uint16_t>(quote.authentication_data.size()))));
    append(bytes, quote.authentication_data);
    append(bytes, as_bytes(Le16(quote.certification_type)));
    append_length(bytes, quote.certification);
    append(bytes, quote.certification);
    return bytes;
}

}  // namespace

Result<Quote> parse_quote(ByteSpan bytes) {
    if (bytes.size() > kLargestQuote)
        return bad_input(std::string(kWhat) + ": " + std::to_string(bytes.size()) + " bytes, expected at most " +
                         std::to_string(kLargestQuote));
    Reader reader(bytes, kWhat);
    Quote quote;
    HALLMARK_TRY(quote.header, reader.structure<QuoteHeader>());
    HALLMARK_CHECK(check_header(quote.header));
    if (quote.header.version == 5) {
        HALLMARK_TRY(quote.body_type, read_body_type(reader));
    }
    HALLMARK_TRY(quote.body, reader.structure<QuoteBody>());
    if (quote.body_type == BodyType::kTd15) {
        HALLMARK_TRY(quote.extension, reader.structure<QuoteBodyExtension>());
    }
    quote.signed_bytes = bytes.first(reader.offset());
    HALLMARK_TRY(Reader signature, read_part<Le32>(reader, "signature data"));
    HALLMARK_TRY(quote.signature, signature.structure<P256Pair>());
    HALLMARK_TRY(quote.attestation_key, signature.structure<P256Pair>());
    HALLMARK_CHECK(read_qe_report(signature, quote));
    HALLMARK_CHECK(signature.finished());
    const auto offset = reader.offset();
    HALLMARK_TRY(const ByteSpan rest, reader.bytes(reader.remaining()));
    if (!all_zero(rest))
        return bad_input(std::string(kWhat) + ": offset " + hex_number(offset) + ": " + std::to_string(rest.size()) +
                         " bytes left over, expected zeros or the end");
    return quote;
}

Bytes encode_signed_part(const Quote& quote) {
    const bool is_15 = quote.body_type == BodyType::kTd15;
    Bytes body;
    append(body, as_bytes(quote.body));
    if (is_15) append(body, as_bytes(quote.extension));
    Bytes bytes;
    append(bytes, as_bytes(quote.header));
    if (quote.header.version == 5) {
        append(bytes, as_bytes(Le16(std::to_underlying(quote.body_type))));
        append_length(bytes, body);
    }
    append(bytes, body);
    return bytes;
}

Bytes encode_quote(const Quote& quote) {
    const auto qe_report = encode_qe_report(quote);
    Bytes signature;
    append(signature, quote.signature);
    append(signature, quote.attestation_key);
    append(signature, as_bytes(Le16(kCertifiedByQeReport)));
    append_length(signature, qe_report);
    append(signature, qe_report);
    auto bytes = encode_signed_part(quote);
    append_length(bytes, signature);
    append(bytes, signature);
    return bytes;
}

}  // namespace hallmark::tdx
