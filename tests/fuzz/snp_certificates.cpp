// SPDX-License-Identifier: Apache-2.0
// Attacker: the host, which hands the guest this table, and a guest that passes another one on.
// Size cap: 16 KiB; three certificates have 5.
#include "common/formats/snp_certificates.hpp"

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    const std::vector<snp::TableCertificate> three{
        {snp::kVcekGuid, Bytes(20, 1)}, {snp::kAskGuid, Bytes(7, 2)}, {snp::kArkGuid, Bytes(1, 3)}};
    const std::vector<snp::TableCertificate> too_many(17, {snp::kVcekGuid, {}});
    return {snp::encode_certificate_table(three), snp::encode_certificate_table({}),
            snp::encode_certificate_table(too_many)};
}

void attempt(ByteSpan input) {
    const auto certificates = snp::parse_certificate_table(input);
    if (!certificates) return;
    require(certificates->size() <= 16, "at most 16 entries are read");
    const auto again = snp::parse_certificate_table(snp::encode_certificate_table(*certificates));
    require(again && again->size() == certificates->size(), "what was read is written so that it can be read");
    for (std::size_t i = 0; i < certificates->size(); ++i) {
        require((*certificates)[i].der.size() <= input.size(), "a certificate is part of the table");
        require((*again)[i].guid == (*certificates)[i].guid && (*again)[i].der == (*certificates)[i].der,
                "a table is written as it was read");
    }
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
