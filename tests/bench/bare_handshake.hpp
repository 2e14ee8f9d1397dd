// SPDX-License-Identifier: Apache-2.0
// The cryptography that a guest can't do without to get a token: a key on P-256, and one connection to its broker by
// TLS 1.3, whose certificate it verifies, with as much sent and received over it as a handshake of SNP takes. By
// OpenSSL, over memory.
//
// The connection is part of it, as each handshake has one of its own: a token lives for minutes, and a broker hangs up
// after seconds without a request. The certificate that is trusted was read before, as the agent reads it once.
#pragma once

#include <openssl/ssl.h>

#include "common/openssl.hpp"

namespace hallmark::bench {

class BareHandshake {
public:
    BareHandshake();

    /// One; nanoseconds of this thread's processor time, without what the broker does.
    double nanoseconds();

private:
    using Context = openssl::Owned<SSL_CTX, SSL_CTX_free>;

    Context client_;
    Context server_;
};

}  // namespace hallmark::bench
