// SPDX-License-Identifier: Apache-2.0
// From the key that signed a report to a root: VCEK, ASK, ARK, or VLEK, ASVK, ARK.
// Source: AMD publication 57230, revision 1.00, chapters 2 and 3.
#pragma once

#include <ctime>
#include <optional>
#include <vector>

#include "common/bytes.hpp"
#include "common/openssl.hpp"
#include "relying-party/verifier/snp/endorsement_key.hpp"
#include "relying-party/verifier/x509/verified_paths.hpp"

namespace hallmark::verifier {

/// Which roots are good.
struct SnpRoots {
    bool amd = true;               ///< those of roots.hpp
    std::vector<Bytes> simulated;  ///< more of them, in DER, named by the caller
};

/// Three certificates out of those that were offered.
struct Chain {
    X509* leaf = nullptr;
    X509* authority = nullptr;
    X509* root = nullptr;
    bool simulated = false;  ///< the root is none of AMD's
};

/// Looks for the authority and the root of a leaf among the offered certificates, of which none is trusted but for the
/// key that is pinned. All three must be signed with RSASSA-PSS and SHA-384, be valid at that time, and be of the
/// leaf's line of processors. The signatures of a path that `verified` holds are not verified again; all else is.
class ChainBuilder {
public:
    ChainBuilder(const SnpRoots& roots, std::time_t at, VerifiedPaths* verified = nullptr)
        : roots_(roots), at_(at), verified_(verified) {}

    /// Borrows it.
    void offer(X509& certificate) { offered_.push_back(&certificate); }

    /// Whether an authority of that leaf, and a root above it that is good, were offered.
    [[nodiscard]] bool complete(X509& leaf) const;

    /// The chain, or why there is none.
    Result<Chain> verify(X509& leaf, const EndorsementKey& key) const;

private:
    struct GoodRoot {
        bool simulated = false;
        std::optional<snp::ProductLine> line;  ///< of AMD's
    };
    [[nodiscard]] std::vector<X509*> issuers_of(X509& certificate) const;
    Result<std::optional<GoodRoot>> judge_root(const X509& root) const;
    Result<Chain> verify_one(const Chain& chain, const GoodRoot& root, const EndorsementKey& key) const;
    Result<Chain> verify_under(X509& leaf, X509& authority, const EndorsementKey& key) const;

    const SnpRoots& roots_;
    std::time_t at_;
    VerifiedPaths* verified_;
    std::vector<X509*> offered_;
};

}  // namespace hallmark::verifier
