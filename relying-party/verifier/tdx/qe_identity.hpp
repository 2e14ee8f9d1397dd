// SPDX-License-Identifier: Apache-2.0
// Which enclave may sign quotes of trust domains, and how each of its versions stands.
// Source: Intel "Provisioning Certification Service" API, version 4, Get TDX QE Identity; EnclaveIdentity, version 2.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "common/formats/tdx_quote.hpp"
#include "common/json.hpp"
#include "relying-party/verifier/tdx/tcb_info.hpp"

namespace hallmark::verifier {

struct QeIdentity {
    std::time_t issue_date = 0;
    std::time_t next_update = 0;
    std::uint64_t tcb_evaluation_data_number = 0;
    std::array<std::uint8_t, 4> misc_select{};
    std::array<std::uint8_t, 4> misc_select_mask{};
    std::array<std::uint8_t, 16> attributes{};
    std::array<std::uint8_t, 16> attributes_mask{};
    std::array<std::uint8_t, 32> mr_signer{};
    std::uint16_t isv_prod_id = 0;
    std::vector<SvnTcbLevel> levels;  ///< from the highest down
};

/// The value of "enclaveIdentity", of id "TD_QE" and version 2. Keys that mean nothing here are passed over.
Result<QeIdentity> parse_qe_identity(const Json& json, const std::string& where);

/// What stays the same in every identity that Intel published for the TD quoting enclave: signer, product, and that it
/// is no debug enclave. Any enclave can have the PCE certify a key; without this check, one of a host's own making
/// could sign quotes.
QeIdentity intel_td_qe();

/// That the report is of this enclave: signer, product, and what the masks leave of MISCSELECT and ATTRIBUTES. Its
/// version is not looked at.
Status check_qe(const tdx::EnclaveReport& report, const QeIdentity& identity);

/// The level of a version. Refused where it is older than all levels.
Result<TcbLevel> qe_level(std::uint16_t isv_svn, const QeIdentity& identity);

}  // namespace hallmark::verifier
