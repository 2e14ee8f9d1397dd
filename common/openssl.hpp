// SPDX-License-Identifier: Apache-2.0
// Owners of OpenSSL's objects, for files that call OpenSSL directly.
#pragma once

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::openssl {

template <auto kFree>
struct Free {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Free<kFree>>;

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;
using Number = Owned<BIGNUM, BN_free>;

/// "what: reason", with OpenSSL's oldest reason; its queue is empty afterwards.
inline Error error(std::string_view what, Fault fault = Fault::kBadInput) {
    char reason[256] = "no reason given";
    if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
    ERR_clear_error();
    return {fault, std::string(what) + ": OpenSSL: " + reason};
}

}  // namespace hallmark::openssl
