// SPDX-License-Identifier: Apache-2.0
// Keys with which an SNP firmware signs reports: VCEK (of one chip) or VLEK (leased to a cloud's operator).
// Source: AMD publication 57230, revision 1.00, chapter 3 (VCEK and VLEK certificates); publication 56860, revision
// 1.58, table "ATTESTATION_REPORT" (KEY_INFO).
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/formats/snp_product.hpp"
#include "common/formats/snp_report.hpp"
#include "common/formats/snp_tcb.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

enum class KeyKind { kVcek, kVlek };

/// "VCEK"
std::string_view name_of(KeyKind kind);

/// Which kind of key the report says it was signed with; none is refused.
Result<KeyKind> signing_key(const snp::AttestationReport& report);

/// What the certificate says about the chip and the firmware that the key stands for.
struct EndorsementKey {
    KeyKind kind = KeyKind::kVcek;
    std::string product_name;  ///< "Milan-B0", "Genoa"
    snp::ProductLine line = snp::ProductLine::kMilan;
    snp::TcbParts tcb;
    Bytes hardware_id;   ///< VCEK: 64 bytes, Turin's 8
    std::string csp_id;  ///< VLEK: whom it was leased to

    [[nodiscard]] snp::TcbVersion tcb_version() const { return snp::encode_tcb(tcb, snp::tcb_layout(line)); }
};

/// Reads the extensions of such a certificate. One that is missing, twice there or malformed is refused, and so is a
/// certificate of the other kind.
Result<EndorsementKey> read_endorsement_key(const X509& certificate, KeyKind kind);

}  // namespace hallmark::verifier
