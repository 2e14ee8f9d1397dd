// SPDX-License-Identifier: Apache-2.0
#include "common/jose/rsa_oaep.hpp"

#include <openssl/rsa.h>

#include <cstddef>
#include <utility>

#include "common/jose/openssl_key.hpp"

namespace hallmark::jose {
namespace {

bool set_oaep(EVP_PKEY_CTX* context, OaepDigest digest) {
    const EVP_MD* const hash = digest == OaepDigest::kSha256 ? EVP_sha256() : EVP_sha1();
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1;
}

}  // namespace

Result<Bytes> encrypt_oaep(EVP_PKEY& recipient, ByteSpan key) {
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, &recipient, nullptr));
    Bytes encrypted(static_cast<std::size_t>(EVP_PKEY_get_size(&recipient)));
    std::size_t size = encrypted.size();
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 || !set_oaep(context.get(), OaepDigest::kSha256) ||
        EVP_PKEY_encrypt(context.get(), encrypted.data(), &size, key.data(), key.size()) != 1 ||
        size != encrypted.size())
        return std::unexpected(openssl::error("JWE: RSA-OAEP-256"));
    return encrypted;
}

Result<Secret> decrypt_oaep(EVP_PKEY& own, ByteSpan encrypted, OaepDigest digest) {
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, &own, nullptr));
    Bytes buffer(static_cast<std::size_t>(EVP_PKEY_get_size(&own)));
    std::size_t size = buffer.size();
    const bool good = context && EVP_PKEY_decrypt_init(context.get()) == 1 && set_oaep(context.get(), digest) &&
                      EVP_PKEY_decrypt(context.get(), buffer.data(), &size, encrypted.data(), encrypted.size()) == 1;
    const Secret all(std::move(buffer));
    ERR_clear_error();
    if (!good) return refused("JWE: not encrypted to this key, or changed since");
    const auto part = all.bytes().first(size);
    return Secret(Bytes(part.begin(), part.end()));
}

}  // namespace hallmark::jose
