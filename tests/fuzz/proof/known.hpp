// SPDX-License-Identifier: Apache-2.0
// One proof that holds, of a simulated platform whose keys nobody has: evidence as a guest sends it, and its root.
#pragma once

#include <ctime>

#include "common/formats/guest_port.hpp"
#include "common/formats/snp_certificates.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/snp/report.hpp"

namespace hallmark::fuzz {

constexpr std::time_t kIn2026 = 1'780'000'000;

/// Written by make_known.cpp.
constexpr const char* kKnownEvidence =
#include "tests/fuzz/proof/known_evidence.inc"
    ;

/// In DER.
struct Endorsements {
    Bytes vcek;
    Bytes ask;
    Bytes ark;
};

inline Endorsements endorsements_of(ByteSpan table) {
    Endorsements endorsements;
    auto entries = snp::parse_certificate_table(table).value();
    for (auto& entry : entries) {
        if (entry.guid == snp::kVcekGuid) endorsements.vcek = std::move(entry.der);
        if (entry.guid == snp::kAskGuid) endorsements.ask = std::move(entry.der);
        if (entry.guid == snp::kArkGuid) endorsements.ark = std::move(entry.der);
    }
    return endorsements;
}

struct Known {
    Bytes payload = from_hex(kKnownEvidence).value();
    guest_port::Evidence evidence = guest_port::parse_evidence(payload).value();
    snp::AttestationReport report = snp::parse_report(evidence.report).value();
    Endorsements endorsements = endorsements_of(evidence.certificates);

    [[nodiscard]] verifier::Expected expected() const {
        verifier::Expected expected;
        expected.report_data = report.report_data;
        expected.host_data = report.host_data;
        return expected;
    }
};

inline const Known& known() {
    static const Known instance;
    return instance;
}

}  // namespace hallmark::fuzz
