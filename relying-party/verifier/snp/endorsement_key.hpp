// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/bytes.hpp"
#include "common/formats/snp_tcb.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// What a VCEK says about the chip and the firmware that its key stands for.
struct VcekFacts {
    std::string product_name;  ///< "Milan-B0"
    snp::TcbLayout layout = snp::TcbLayout::kMilan;
    snp::TcbParts tcb;
    Bytes hardware_id;  ///< 64 bytes, Turin: 8
};

/// Reads the extensions of a VCEK whose chain was verified. One that is missing, twice there or malformed is refused.
Result<VcekFacts> read_vcek(const X509& certificate);

}  // namespace hallmark::verifier
