// SPDX-License-Identifier: Apache-2.0
// How the TCB of one platform stands.
// Source: Intel "Provisioning Certification Service" API, version 4, Get TDX TCB Info, "How to determine the status of
// a TCB level".
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "common/formats/tdx_quote.hpp"
#include "relying-party/verifier/tdx/pck.hpp"
#include "relying-party/verifier/tdx/qe_identity.hpp"
#include "relying-party/verifier/tdx/tcb_info.hpp"

namespace hallmark::verifier {

/// That of the platform, its TDX module and its quoting enclave together: the worst status, the earliest date, the
/// advisories of all.
struct TcbStanding {
    TcbStatus status;
    std::time_t date = 0;
    std::vector<std::string> advisory_ids;  ///< sorted, each once
};

/// Refused where the documents are not of this platform, or the platform, its module or its quoting enclave is none
/// that they know.
Result<TcbStanding> tcb_standing(const tdx::Quote& quote, const PckFacts& pck, const TcbInfo& info,
                                 const QeIdentity& qe);

}  // namespace hallmark::verifier
