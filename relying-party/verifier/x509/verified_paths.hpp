// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <ctime>
#include <list>
#include <map>
#include <mutex>

#include "common/digest.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// Paths of three certificates that verify_path() found good before, by the SHA-256 of all three in DER. It saves their
/// signatures and constraints, which never change for the same bytes. What does change is never kept: dates are looked
/// at here each time, and whether the root is still trusted and nothing revoked is for the caller to look at each time.
/// May be used by several threads.
class VerifiedPaths {
public:
    explicit VerifiedPaths(std::size_t most = 256) : most_(most) {}

    /// Whether verify_path() would find it good at that time. False says nothing: ask verify_path().
    [[nodiscard]] bool holds(const X509& leaf, const X509& authority, const X509& root, std::time_t at);
    /// Keeps a path that verify_path() just found good; the one that was used least recently goes where there are too
    /// many. Only for those of a good report, so that nobody pushes out others with certificates that he found.
    void keep(const X509& leaf, const X509& authority, const X509& root);
    [[nodiscard]] std::size_t count() const;

private:
    using ByUse = std::list<Sha256>;

    std::size_t most_;
    mutable std::mutex mutex_;  // of all below
    ByUse by_use_;              // the latest first
    std::map<Sha256, ByUse::iterator> kept_;
};

}  // namespace hallmark::verifier
