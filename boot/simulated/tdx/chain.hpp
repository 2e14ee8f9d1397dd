// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "boot/simulated/tdx/pck.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::boot {

/// The simulated platform's provisioning certificates, made once and kept in a folder that only its owner can read:
/// root.pem, platform-ca.pem, pck.pem and pck.key.pem. The keys of the authorities are thrown away once they have
/// signed.
class TdxChain {
public:
    /// Opens the folder, and makes what is missing; two processes at once agree on one chain.
    static Result<TdxChain> open(const std::filesystem::path& folder);

    /// The key that certifies quoting enclaves.
    [[nodiscard]] EVP_PKEY& pck() const { return *pck_; }
    /// PCK certificate, platform CA and root in PEM, as quotes carry them.
    [[nodiscard]] const Bytes& pem() const { return pem_; }
    [[nodiscard]] const Bytes& root() const { return root_; }  // DER

private:
    openssl::Key pck_;
    Bytes pem_;
    Bytes root_;
};

}  // namespace hallmark::boot
