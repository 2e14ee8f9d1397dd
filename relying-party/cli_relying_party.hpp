// SPDX-License-Identifier: Apache-2.0
// Everything that a key broker is made of, opened from one folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "relying-party/broker/services.hpp"
#include "relying-party/cli_pccs.hpp"
#include "relying-party/cli_store.hpp"

namespace hallmark::cli {

struct RelyingPartyOptions {
    std::filesystem::path data;    ///< store, keys, reference values, policies and audit log; made where missing
    MasterKeyOptions master_key;   ///< without a name: DATA/master.key, made where missing
    std::string admin_key;         ///< public key in PEM; empty: nobody administrates
    std::string appraisal_policy;  ///< taken in at the start; empty: what DATA has, or the default
    std::string release_policy;    ///< the same
    std::vector<std::string> simulated_roots;  ///< none: nothing simulated is trusted
    std::vector<std::string> endorsements;     ///< AMD's certificates and revocation lists: files or folders
    std::string collateral;                    ///< folder of Intel's; empty: the TCB status of TDX is unknown
    PccsChoice pccs;                           ///< where Intel's is fetched from in place of a folder
    std::string kds;  ///< URL of AMD's key distribution service or a mirror of it; empty: nothing is fetched
};

/// Its functions share what they need and close it when the last of them is gone.
struct RelyingParty {
    broker::Services services;
    /// After the audit log was renamed or a policy written: goes on with what is there now. What came of it, a line for
    /// each; what can't be read stays as it was.
    std::function<std::vector<std::string>()> reread;
};

Result<RelyingParty> open_relying_party(const RelyingPartyOptions& options);

}  // namespace hallmark::cli
