// SPDX-License-Identifier: Apache-2.0
// How a TCB stands, in Intel's words. A status is several things at once ("ConfigurationAndSWHardeningNeeded"), and
// that of a platform is the worst of what holds for its parts: so it is kept as the set of them. Source: Intel
// "Provisioning Certification Service" API, version 4, Get TDX TCB Info (tcbStatus); Intel SGX and TDX Quote
// Verification Library (sgx_ql_qv_result_t) for the two that TD preserving updates bring.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::verifier {

struct TcbStatus {
    bool sw_hardening_needed = false;
    bool configuration_needed = false;
    bool td_relaunch_advised = false;
    bool out_of_date = false;
    bool revoked = false;

    bool operator==(const TcbStatus&) const = default;
};

/// "UpToDate" where none is set. A worse word leaves out the milder ones that it can't be joined with.
[[nodiscard]] std::string_view name_of(const TcbStatus& status);

/// One of the seven of Intel's documents; anything else is an error, which `what` begins.
Result<TcbStatus> parse_tcb_status(std::string_view name, std::string_view what);

/// What holds for either.
[[nodiscard]] TcbStatus merge(const TcbStatus& a, const TcbStatus& b);

/// Of a trust domain that was launched under one TCB and runs on under another after an update that preserved it: where
/// only the launch is out of date, it should be launched anew.
[[nodiscard]] TcbStatus with_relaunch(const TcbStatus& launch, const TcbStatus& current);

}  // namespace hallmark::verifier
