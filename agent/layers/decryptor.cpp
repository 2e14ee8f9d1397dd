// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/decryptor.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <array>
#include <string>
#include <utility>

namespace hallmark::layers {

Result<Decryptor> Decryptor::start(const PublicOptions& open, const PrivateOptions& unwrapped) {
    const auto& nonce = open.nonce ? open.nonce : unwrapped.nonce;
    if (!nonce) return bad_input("options of the encryption: no cipheroptions.nonce, neither public nor private");
    const auto key = unwrapped.key.bytes();
    if (key.size() != kKeySize) return bad_input("options of the encryption: no key of 32 bytes");
    Cipher cipher(::EVP_CIPHER_CTX_new());
    if (!cipher || ::EVP_DecryptInit_ex2(cipher.get(), ::EVP_aes_256_ctr(), key.data(), nonce->data(), nullptr) != 1)
        return std::unexpected(openssl::error("AES-256-CTR"));
    const openssl::Owned<EVP_MAC, EVP_MAC_free> hmac(::EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    Mac mac(hmac ? ::EVP_MAC_CTX_new(hmac.get()) : nullptr);
    std::string digest = OSSL_DIGEST_NAME_SHA2_256;
    const std::array parameters = {
        ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
        ::OSSL_PARAM_construct_end()};
    if (!mac || ::EVP_MAC_init(mac.get(), key.data(), key.size(), parameters.data()) != 1)
        return std::unexpected(openssl::error("HMAC-SHA256"));
    return Decryptor(std::move(cipher), std::move(mac), open.hmac);
}

Status Decryptor::decrypt(ByteSpan encrypted, std::span<std::uint8_t> plain) {
    int size = 0;
    // Pieces of a pipe, far below 2 GiB.
    if (::EVP_MAC_update(mac_.get(), encrypted.data(), encrypted.size()) != 1 ||
        ::EVP_DecryptUpdate(cipher_.get(), plain.data(), &size, encrypted.data(), static_cast<int>(encrypted.size())) !=
            1)
        return std::unexpected(openssl::error("decryption of a layer"));
    return {};
}

Status Decryptor::verify() {
    Sha256 found{};
    std::size_t size = 0;
    if (::EVP_MAC_final(mac_.get(), found.data(), &size, found.size()) != 1 || size != found.size())
        return std::unexpected(openssl::error("HMAC-SHA256"));
    if (::CRYPTO_memcmp(found.data(), expected_.data(), found.size()) != 0)
        return refused(
            "the HMAC of the encrypted layer is another than its public options say: it was changed, or the "
            "key is another");
    return {};
}

}  // namespace hallmark::layers
