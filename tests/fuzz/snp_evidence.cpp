// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest, which sends evidence of its own making to the key broker.
// Size cap: 16 KiB; a report and a VCEK have 7.
#include "common/formats/snp_evidence.hpp"

#include "common/formats/snp_report.hpp"
#include "common/json_bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

Bytes text_with(std::uint32_t version, std::uint8_t family, std::vector<snp::EvidenceCertificate> certificates) {
    snp::AttestationReport report;
    report.version = version;
    report.cpuid_family = family;
    report.reported_tcb[0] = 7;
    const auto bytes = as_bytes(report);
    const auto json = snp::evidence_json({.report = Bytes(bytes.begin(), bytes.end()), .certificates = certificates});
    return seed(text_with_bytes(json.value()));
}

std::vector<Bytes> seeds() {
    using enum snp::CertificateKind;
    return {text_with(3, 0x19, {{kVcek, {}, {0x30, 0x00}}, {kCrl, {}, {}}, {kOther, {}, {1}}}), text_with(5, 0x1a, {}),
            text_with(2, 0, {{kVlek, {}, {255}}})};
}

void attempt(ByteSpan input) {
    const auto json = parse_json_with_bytes(text_of(input), "input");
    if (!json) return;
    const auto evidence = snp::parse_evidence_json(*json);
    const auto plain = snp::parse_evidence_json(parse_json(text_of(input), "input").value());
    require(evidence ? plain && plain->report == evidence->report : plain.error().message == evidence.error().message,
            "both forms of JSON say the same");
    if (!evidence) return;
    require(evidence->report.size() == sizeof(snp::AttestationReport), "a report has its size");
    require(evidence->certificates.size() <= 16, "at most 16 certificates are read");
    const auto again = snp::evidence_json(*evidence);
    if (!again) return;  // a version or a processor that isn't known
    const auto read = snp::parse_evidence_json(*again);
    require(read && read->report == evidence->report, "a report is written as it was read");
    require(read->certificates.size() == evidence->certificates.size(), "certificates are written as they were read");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
