// SPDX-License-Identifier: Apache-2.0
// What Intel publishes of one platform, believed only under the root that its quotes are believed under.
// Source: Intel "Provisioning Certification Service" API, version 4: Get TDX TCB Info, Get TDX QE Identity, Get
// Revocation List.
#pragma once

#include <ctime>
#include <memory>

#include "common/openssl.hpp"
#include "common/result.hpp"
#include "relying-party/verifier/tdx/collateral_files.hpp"
#include "relying-party/verifier/tdx/pck.hpp"
#include "relying-party/verifier/tdx/qe_identity.hpp"
#include "relying-party/verifier/tdx/tcb_info.hpp"

namespace hallmark::verifier {

/// A chain that leads to a root that is trusted already.
struct TrustedChain {
    X509* pck = nullptr;
    X509* authority = nullptr;
    X509* root = nullptr;
};

/// What the collateral has of one platform, all signed under its root.
struct PlatformCollateral {
    TcbInfo tcb_info;
    QeIdentity qe_identity;
    std::time_t earliest_issue = 0;
    std::time_t latest_issue = 0;
    std::time_t earliest_expiration = 0;  ///< of documents and lists
};

/// Finds what belongs to the platform and verifies it: signatures by a TCB signing certificate of the same root, which
/// neither it nor the chain's certificates are revoked by. Refused where a piece is missing, does not hold, or was
/// issued after that time. What is out of date by then is used, since it says so: see earliest_expiration.
Result<PlatformCollateral> verify_collateral(const Collateral& collateral, const TrustedChain& chain,
                                             const PckFacts& pck, std::time_t at);

/// The same for all platforms of that kind: whether this one's PCK certificate is revoked is left out.
Result<PlatformCollateral> verify_kind_collateral(const Collateral& collateral, const TrustedChain& chain,
                                                  const PckFacts& pck, std::time_t at);

/// Where collateral that nobody gave comes from.
class CollateralSource {
public:
    CollateralSource() = default;
    CollateralSource(const CollateralSource&) = delete;
    CollateralSource& operator=(const CollateralSource&) = delete;
    virtual ~CollateralSource() = default;

    /// Of platforms of that kind, and good in the sense of verify_kind_collateral(). Fault::kNo where it was got and is
    /// not good, which is a reason to refuse; Fault::kBadInput where it could not be got.
    virtual Result<std::shared_ptr<const Collateral>> collateral(const TrustedChain& chain, const PckFacts& pck,
                                                                 std::time_t at) = 0;
};

}  // namespace hallmark::verifier
