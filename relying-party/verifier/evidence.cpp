// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/evidence.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/formats/tdx_report.hpp"
#include "common/json_bytes.hpp"
#include "common/text.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::string_view kWhite = " \t\r\n";  // RFC 8259, section 2

bool is_json(ByteSpan bytes) {
    const auto first =
        std::ranges::find_if(bytes, [](std::uint8_t c) { return !kWhite.contains(static_cast<char>(c)); });
    return first != bytes.end() && *first == '{';
}

/// Version or TEE type are a quote's: one of them may be what somebody changed.
bool is_quote(ByteSpan bytes) {
    if (bytes.size() < sizeof(tdx::QuoteHeader)) return false;
    tdx::QuoteHeader header;
    std::ranges::copy(bytes.first(sizeof header), as_writable_bytes(header).begin());
    return header.version == 4 || header.version == 5 || header.tee_type == tdx::kTeeTypeTdx;
}

Result<Evidence> read_object(ByteSpan bytes, const std::string& what) {
    const std::string_view text = text_of(bytes);
    HALLMARK_TRY(const Json json, parse_json_with_bytes(text, what));
    if (json.contains("attestation_report")) {
        HALLMARK_TRY(auto evidence, snp::parse_evidence_json(json, what));
        return evidence;
    }
    if (json.contains("quote")) {
        HALLMARK_TRY(auto evidence, tdx::parse_evidence(json, what));
        return evidence;
    }
    return bad_input(what + R"(: found an object with neither "attestation_report" (SEV-SNP) nor "quote" (TDX), )" +
                     "expected evidence as the KBS protocol carries it");
}

}  // namespace

Result<Evidence> read_evidence(ByteSpan bytes, const std::string& what) {
    if (bytes.size() > kLargestEvidence)
        return bad_input(what + ": " + std::to_string(bytes.size()) + " bytes, expected at most " +
                         std::to_string(kLargestEvidence));
    if (bytes.size() == sizeof(snp::AttestationReport))
        return snp::Evidence{.report = Bytes(bytes.begin(), bytes.end()), .certificates = {}};
    if (is_json(bytes)) return read_object(bytes, what);
    if (is_quote(bytes)) return tdx::Evidence{.quote = Bytes(bytes.begin(), bytes.end()), .event_log = std::nullopt};
    return bad_input(what + ": found " + std::to_string(bytes.size()) +
                     " bytes that are no evidence; expected an SEV-SNP report (1184 bytes), a TDX quote, or evidence " +
                     "in JSON as the KBS protocol carries it");
}

}  // namespace hallmark::verifier
