// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::http {

/// Certificates that vouch for servers, in place of the system's; or those, where there are none. Read when they are
/// first asked for, once for all copies.
class Authorities {
public:
    Authorities() = default;
    /// Of one or more certificates in PEM; empty: the system's.
    explicit Authorities(std::string_view pem);

    /// Nothing for the system's. An error where there is no certificate in the text, or one that can't be read.
    [[nodiscard]] Result<X509_STORE*> store() const;
    [[nodiscard]] bool is_system() const { return !read_; }

    /// Whether both are copies of one.
    bool operator==(const Authorities&) const = default;

private:
    struct Read;
    std::shared_ptr<Read> read_;
};

}  // namespace hallmark::http
