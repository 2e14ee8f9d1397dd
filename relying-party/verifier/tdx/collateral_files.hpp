// SPDX-License-Identifier: Apache-2.0
// What Intel publishes of platforms, as files: TCB info, identity of the quoting enclave, revocation lists, and the
// certificates of who signed them. Nothing is believed here: see collateral.hpp.
// Source: Intel "Provisioning Certification Service" API, version 4: Get TDX TCB Info, Get TDX QE Identity, Get
// Revocation List.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::verifier {

/// One document or list, and what to call it in errors.
struct CollateralItem {
    std::string name;
    Bytes bytes;
};

/// For any number of platforms; what is for others is passed over.
struct Collateral {
    std::vector<CollateralItem> tcb_infos;      ///< {"tcbInfo": …, "signature": …}, as the service answers
    std::vector<CollateralItem> qe_identities;  ///< {"enclaveIdentity": …, "signature": …}
    std::vector<CollateralItem> certificates;   ///< PEM or DER: TCB signing certificate, root
    std::vector<CollateralItem> crls;           ///< DER, of the root and of the PCK CAs
};

/// A larger file is refused, and so are more of them.
constexpr std::size_t kLargestCollateral = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kMostCollateral = 256;

/// The files of a folder, by the ends of their names: .json, .pem or .crt, .crl or .der. Others are passed over.
Result<Collateral> read_collateral(const std::filesystem::path& folder);

/// Adds one document or list, told by its content.
Status add_collateral(Collateral& collateral, CollateralItem item);

}  // namespace hallmark::verifier
