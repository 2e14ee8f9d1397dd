// SPDX-License-Identifier: Apache-2.0
#include "common/jose/content.hpp"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <string_view>
#include <utility>

namespace hallmark::jose {
namespace {

using CipherContext = openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using KeyContext = openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Builder = openssl::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = openssl::Owned<OSSL_PARAM, OSSL_PARAM_free>;

constexpr std::string_view kWhat = "JWE";

Result<openssl::Key> make_rsa_key(ByteSpan modulus, ByteSpan exponent) {
    const openssl::Number n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
    const openssl::Number e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    if (!n || !e || !builder || !context ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return std::unexpected(openssl::error(kWhat));
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    EVP_PKEY* raw = nullptr;
    if (!parameters || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return std::unexpected(openssl::error(kWhat));
    return openssl::Key(raw);
}

bool set_oaep(EVP_PKEY_CTX* context) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

}  // namespace

Result<Secret> new_content_key() {
    Bytes key(kContentKeySize);
    if (RAND_priv_bytes(key.data(), static_cast<int>(key.size())) != 1) return std::unexpected(openssl::error(kWhat));
    return Secret(std::move(key));
}

Result<Sealed> seal(ByteSpan key, ByteSpan plaintext, ByteSpan header) {
    Sealed sealed{
        .iv = Bytes(kInitialisationVectorSize), .ciphertext = Bytes(plaintext.size()), .tag = Bytes(kTagSize)};
    const CipherContext context(EVP_CIPHER_CTX_new());
    int size = 0;
    unsigned char rest[16];
    if (key.size() != kContentKeySize || !context ||
        RAND_bytes(sealed.iv.data(), static_cast<int>(sealed.iv.size())) != 1 ||
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), sealed.iv.data()) != 1 ||
        EVP_EncryptUpdate(context.get(), nullptr, &size, header.data(), static_cast<int>(header.size())) != 1 ||
        (!plaintext.empty() && EVP_EncryptUpdate(context.get(), sealed.ciphertext.data(), &size, plaintext.data(),
                                                 static_cast<int>(plaintext.size())) != 1) ||
        EVP_EncryptFinal_ex(context.get(), rest, &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, sealed.tag.data()) != 1)
        return std::unexpected(openssl::error(kWhat));
    return sealed;
}

Result<Secret> open(ByteSpan key, const Sealed& sealed, ByteSpan header) {
    Bytes plaintext(sealed.ciphertext.size());
    Bytes tag = sealed.tag;
    const CipherContext context(EVP_CIPHER_CTX_new());
    int size = 0;
    unsigned char rest[16];
    const bool good =
        key.size() == kContentKeySize && sealed.iv.size() == kInitialisationVectorSize && tag.size() == kTagSize &&
        context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), sealed.iv.data()) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &size, header.data(), static_cast<int>(header.size())) == 1 &&
        (plaintext.empty() || EVP_DecryptUpdate(context.get(), plaintext.data(), &size, sealed.ciphertext.data(),
                                                static_cast<int>(sealed.ciphertext.size())) == 1) &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), rest, &size) == 1;
    Secret secret(std::move(plaintext));
    ERR_clear_error();
    if (!good) return refused("JWE: not encrypted to this key, or changed since");
    return secret;
}

Result<Bytes> encrypt_oaep(ByteSpan modulus, ByteSpan exponent, ByteSpan key) {
    HALLMARK_TRY(const openssl::Key rsa, make_rsa_key(modulus, exponent));
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, rsa.get(), nullptr));
    Bytes encrypted(modulus.size());
    std::size_t size = encrypted.size();
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 || !set_oaep(context.get()) ||
        EVP_PKEY_encrypt(context.get(), encrypted.data(), &size, key.data(), key.size()) != 1 ||
        size != encrypted.size())
        return std::unexpected(openssl::error(kWhat));
    return encrypted;
}

Result<Secret> decrypt_oaep(EVP_PKEY& key, ByteSpan encrypted) {
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr));
    Bytes buffer(static_cast<std::size_t>(EVP_PKEY_get_size(&key)));
    std::size_t size = buffer.size();
    const bool good = context && EVP_PKEY_decrypt_init(context.get()) == 1 && set_oaep(context.get()) &&
                      EVP_PKEY_decrypt(context.get(), buffer.data(), &size, encrypted.data(), encrypted.size()) == 1;
    const Secret all(std::move(buffer));
    ERR_clear_error();
    if (!good) return refused("JWE: not encrypted to this key, or changed since");
    const auto part = all.bytes().first(size);
    return Secret(Bytes(part.begin(), part.end()));
}

}  // namespace hallmark::jose
