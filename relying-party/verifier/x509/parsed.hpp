// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>

#include "common/digest.hpp"
#include "common/openssl.hpp"

namespace hallmark::verifier {

/// Certificates that were parsed before, by the SHA-256 of the bytes that they were parsed from: OpenSSL takes longer
/// to parse one than to verify its signature. It saves parsing only. Whoever takes one out looks at its signature, its
/// dates and whether it is revoked as if it had just come. May be used by several threads.
class ParsedCertificates {
public:
    explicit ParsedCertificates(std::size_t most = 256) : most_(most) {}

    /// Null where it isn't kept.
    [[nodiscard]] openssl::Certificate find(const Sha256& bytes) const;
    /// Keeps it; the one that was kept first goes where there are too many. Only for those of a good chain, so that
    /// nobody fills this with certificates of his own making.
    void keep(const Sha256& bytes, X509& certificate);

private:
    std::size_t most_;
    mutable std::mutex mutex_;  // of all below
    std::map<Sha256, openssl::Certificate> kept_;
    std::deque<Sha256> by_age_;
};

}  // namespace hallmark::verifier
