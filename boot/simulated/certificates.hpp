// SPDX-License-Identifier: Apache-2.0
// Certificates in the forms of AMD's, under names that say that no hardware stands behind them.
// Source of the forms: AMD publication 57230, revision 1.00, chapter 3, and a real Milan chain.
#pragma once

#include <array>
#include <cstdint>

#include "boot/simulated/product.hpp"
#include "boot/simulated/x509.hpp"
#include "common/result.hpp"

namespace hallmark::boot {

using ChipId = std::array<std::uint8_t, 64>;

/// RSA-4096, self-signed. Takes seconds.
Result<KeyAndCertificate> make_ark();
/// RSA-4096, signed by the ARK. Takes seconds.
Result<KeyAndCertificate> make_ask(const KeyAndCertificate& ark);
/// P-384, signed by the ASK, with the extensions that tell product, TCB and chip.
Result<KeyAndCertificate> make_vcek(const KeyAndCertificate& ask, const Product& product, const ChipId& chip);

}  // namespace hallmark::boot
