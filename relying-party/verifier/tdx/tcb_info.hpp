// SPDX-License-Identifier: Apache-2.0
// TCB info: which TCBs of a platform there are, and how each stands.
// Source: Intel "Provisioning Certification Service" API, version 4, Get TDX TCB Info; TcbInfo, version 3.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "common/formats/tdx_report.hpp"
#include "common/json.hpp"
#include "relying-party/verifier/tdx/pck.hpp"
#include "relying-party/verifier/tdx/tcb_status.hpp"

namespace hallmark::verifier {

/// What every TCB level has.
struct TcbLevel {
    std::time_t date = 0;  ///< all advisories up to then are accounted for
    TcbStatus status;
    std::vector<std::string> advisory_ids;  ///< "INTEL-SA-00837"
};

/// Of a platform, met where every SVN is at least this.
struct PlatformTcbLevel {
    TcbLevel level;
    Svns sgx{};
    Svns tdx{};
    std::uint16_t pce_svn = 0;
};

/// Of a TDX module or an enclave.
struct SvnTcbLevel {
    TcbLevel level;
    std::uint16_t isv_svn = 0;
};

struct TdxModuleIdentity {
    std::string id;  ///< "TDX_01": of the modules whose TEE_TCB_SVN has 1 in its second byte; empty for "tdxModule"
    tdx::Measurement mr_signer{};
    std::array<std::uint8_t, 8> attributes{};
    std::array<std::uint8_t, 8> attributes_mask{};
    std::vector<SvnTcbLevel> levels;  ///< from the highest down
};

struct TcbInfo {
    std::time_t issue_date = 0;
    std::time_t next_update = 0;
    std::array<std::uint8_t, 6> fmspc{};
    std::array<std::uint8_t, 2> pce_id{};
    std::uint64_t tcb_evaluation_data_number = 0;
    TdxModuleIdentity module;  ///< of the modules whose TEE_TCB_SVN has 0 in its second byte
    std::vector<TdxModuleIdentity> module_identities;
    std::vector<PlatformTcbLevel> levels;  ///< from the highest down
};

/// The value of "tcbInfo", of type "TDX" and version 3. Keys that mean nothing here are passed over: a signature covers
/// the whole. `where` names it in errors.
Result<TcbInfo> parse_tcb_info(const Json& json, const std::string& where);

/// Of an identity's or a module's list; used for "enclaveIdentity" too.
Result<std::vector<SvnTcbLevel>> parse_svn_levels(const JsonObject& owner);

}  // namespace hallmark::verifier
