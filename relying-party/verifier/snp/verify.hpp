// SPDX-License-Identifier: Apache-2.0
// SEV-SNP evidence in, claims out: bytes, then authenticity. What the claims must be is for a policy to say; that
// includes the VMPL.
// Source: AMD publications 56860, revision 1.58, section 7.3, and 57230, revision 1.00.
#pragma once

#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "common/bytes.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/snp_product.hpp"
#include "common/formats/snp_report.hpp"
#include "common/openssl.hpp"
#include "relying-party/verifier/snp/chain.hpp"
#include "relying-party/verifier/verified.hpp"
#include "relying-party/verifier/x509/parsed.hpp"

namespace hallmark::verifier {

/// Where endorsements that nobody gave come from. What it returns is as little trusted as what comes with evidence.
class EndorsementSource {
public:
    EndorsementSource() = default;
    EndorsementSource(const EndorsementSource&) = delete;
    EndorsementSource& operator=(const EndorsementSource&) = delete;
    virtual ~EndorsementSource() = default;

    /// The VCEK of the chip and the TCB that the report tells, as a chip of that line.
    virtual Result<Bytes> vcek(snp::ProductLine line, const snp::AttestationReport& report) = 0;
    /// ASK and ARK, or ASVK and ARK, in PEM.
    virtual Result<Bytes> authorities(snp::ProductLine line, KeyKind kind) = 0;
    /// The root's revocation list in DER, current at that time where there is one.
    virtual Result<Bytes> revocation_list(snp::ProductLine line, KeyKind kind, std::time_t at) = 0;
};

/// What a caller lets the verifier rely on.
struct SnpTrust {
    SnpRoots roots;
    std::vector<openssl::Certificate> certificates;  ///< to look in where evidence lacks one; see add_endorsements()
    std::vector<Bytes> revocation_lists;             ///< DER
    EndorsementSource* source = nullptr;             ///< for what is missing, and lists; nullptr: nothing is fetched
    bool revocation_required = false;                ///< refuse where no current list was found
    std::optional<std::time_t> at;                   ///< nothing: now
    std::shared_ptr<ParsedCertificates> parsed;      ///< of earlier evidence; nullptr: none is kept
    std::shared_ptr<VerifiedPaths> verified;         ///< likewise
};

/// Adds a file, or every file of a folder: certificates (DER or PEM), revocation lists (DER, named *.crl).
Status add_endorsements(SnpTrust& trust, const std::filesystem::path& file_or_folder);

/// Verifies that the report was signed by an SNP firmware that AMD endorses, and returns what it says. Claims also tell
/// "revocation_checked": whether a current list says that the authority is not revoked; a revoked one is refused. Where
/// there is a source, a list of the evidence does not count as current: who sent it may have chosen an earlier one.
Result<Verified> verify_snp(const snp::Evidence& evidence, const SnpTrust& trust);

}  // namespace hallmark::verifier
