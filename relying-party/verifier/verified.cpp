// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/verified.hpp"

namespace hallmark::verifier {

std::string_view name_of(Tee tee) { return tee == Tee::kSnp ? "snp" : "tdx"; }

}  // namespace hallmark::verifier
