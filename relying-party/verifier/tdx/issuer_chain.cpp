// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/issuer_chain.hpp"

#include <cstdint>
#include <string>

#include "common/hex.hpp"
#include "relying-party/verifier/x509/certificates.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::size_t kMostCertificates = 4;

/// "%2B" is "+", and "+" is "+" too: a space is "%20" here.
Result<Bytes> percent_decoded(std::string_view text) {
    Bytes bytes;
    bytes.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            bytes.push_back(static_cast<std::uint8_t>(text[i]));
            continue;
        }
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte || byte->size() != 1)
            return bad_input("issuer chain: found '%' at " + std::to_string(i) +
                             ", expected two hexadecimal digits behind it");
        bytes.push_back(byte->front());
        i += 2;
    }
    return bytes;
}

}  // namespace

Result<Bytes> decode_issuer_chain(std::string_view header) {
    if (header.size() > kLargestIssuerChain)
        return bad_input("issuer chain: " + std::to_string(header.size()) + " characters, expected at most " +
                         std::to_string(kLargestIssuerChain));
    HALLMARK_TRY(Bytes pem, percent_decoded(header));
    const auto certificates = read_certificates(pem, kMostCertificates);
    if (!certificates) return std::unexpected(certificates.error().at("issuer chain"));
    return pem;
}

}  // namespace hallmark::verifier
