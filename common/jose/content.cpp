// SPDX-License-Identifier: Apache-2.0
#include "common/jose/content.hpp"

#include <openssl/rand.h>

#include <string_view>
#include <utility>

namespace hallmark::jose {
namespace {

using CipherContext = openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr std::string_view kWhat = "JWE";

// Fetched once, as the digests are.
const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const kCipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    return kCipher;
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
        EVP_EncryptInit_ex2(context.get(), aes_256_gcm(), key.data(), sealed.iv.data(), nullptr) != 1 ||
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
        context && EVP_DecryptInit_ex2(context.get(), aes_256_gcm(), key.data(), sealed.iv.data(), nullptr) == 1 &&
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

}  // namespace hallmark::jose
