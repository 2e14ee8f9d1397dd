// SPDX-License-Identifier: Apache-2.0
// SEV-SNP evidence as the KBS protocol carries it: the report field by field, and the certificates that came with it.
// Source: confidential-containers/trustee, KBS protocol 0.4.0, evidence of the TEE "snp" (the serde form of the report
// of virtee/sev 6 and 7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/guid.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::snp {

/// Roles of the certificates that a host hands out (AMD publication 56421, revision 2.04, section 4.1.8.1).
enum class CertificateKind { kArk, kAsk, kVcek, kVlek, kCrl, kEmpty, kOther };

struct EvidenceCertificate {
    CertificateKind kind = CertificateKind::kEmpty;
    Guid guid;   ///< of kOther
    Bytes data;  ///< DER or PEM; not looked into
};

/// Nothing of it is trusted.
struct Evidence {
    Bytes report;  ///< as the processor wrote it: see snp_report.hpp
    std::vector<EvidenceCertificate> certificates;
};

/// A report and the table of certificates with which the guest got it.
Result<Evidence> evidence_of(ByteSpan report, ByteSpan certificate_table);

/// The other way: the certificates as such a table, without those that are empty.
Bytes certificate_table_of(const Evidence& evidence);

/// Reads {"attestation_report":{…},"cert_chain":[…]|null}, strictly: every field there and in its range, no other.
/// What has no place in this form (reserved bytes) is zero in the report. At most 16 certificates of 64 KiB each.
/// parse_json_with_bytes() makes the value in a tenth of the time that parse_json() takes; both will do.
Result<Evidence> parse_evidence_json(const Json& json, const std::string& where = "SNP evidence");

/// The other way; text_with_bytes() writes it. A report that has bits which this form can't carry is an error: its
/// signature would be lost.
Result<Json> evidence_json(const Evidence& evidence);

}  // namespace hallmark::snp
