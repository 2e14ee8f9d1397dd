// SPDX-License-Identifier: Apache-2.0
// The certificate and key with which the broker shows who it is.
// Source: RFC 5280, sections 4.1 and 4.2.1.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::broker {

struct TlsIdentity {
    Bytes certificate;        ///< PEM, with what stands behind it in the chain
    Secret key;               ///< PEM
    std::string fingerprint;  ///< SHA-256 of the first certificate in DER, hexadecimal
    bool made = false;        ///< just now
};

/// A certificate of somebody else's making.
Result<TlsIdentity> read_tls_identity(const std::filesystem::path& certificate, const std::filesystem::path& key);

/// The self-signed certificate of a folder (tls.crt, tls.key), made where it is missing or has expired: P-256, ten
/// years, for these host names and addresses.
Result<TlsIdentity> own_tls_identity(const std::filesystem::path& folder, const std::vector<std::string>& names);

}  // namespace hallmark::broker
