// SPDX-License-Identifier: Apache-2.0
// Lines of processors, each with its own TCB_VERSION, endorsement keys and root.
// Sources: AMD publication 56860, revision 1.58, section 2.2; publication 57230, revision 1.00, chapter 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/formats/snp_report.hpp"
#include "common/formats/snp_tcb.hpp"
#include "common/result.hpp"

namespace hallmark::snp {

/// Genoa stands for its kin (Bergamo, Siena) too: they share its root.
enum class ProductLine { kMilan, kGenoa, kTurin };

/// "Milan": as it begins a certificate's product name, and as the distribution service calls it.
std::string_view name_of(ProductLine line);

/// By CPUID family and model; nothing where no line that is known has them.
std::optional<ProductLine> product_line(unsigned family, unsigned model);

constexpr TcbLayout tcb_layout(ProductLine line) {
    return line == ProductLine::kTurin ? TcbLayout::kTurin : TcbLayout::kMilan;
}

/// How the report's TCB versions are laid out. A report of version 2 doesn't tell its processor: there it is Turin's
/// if the chip's identifier has Turin's 8 bytes. Where that is masked, Milan's and Genoa's is assumed.
Result<TcbLayout> tcb_layout(const AttestationReport& report);

}  // namespace hallmark::snp
