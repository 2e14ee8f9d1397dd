// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/sealing.hpp"

#include <openssl/rand.h>

#include <limits>
#include <string>
#include <utility>

#include "common/openssl.hpp"

namespace hallmark::keys {
namespace {

using CipherContext = openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr auto kLargest = static_cast<std::size_t>(std::numeric_limits<int>::max()) - kSealedExtra;

Status check_sizes(ByteSpan key, ByteSpan text, ByteSpan context) {
    if (key.size() != kKeySize)
        return bad_input("key: " + std::to_string(key.size()) + " bytes, expected " + std::to_string(kKeySize));
    if (text.size() > kLargest || context.size() > kLargest) return bad_input("value: too large for AES-GCM here");
    return {};
}

/// Fetched once: EVP_aes_256_gcm() would be looked up again for every value. Null is what OpenSSL then refuses.
const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const kCipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    return kCipher;
}

int size_of(ByteSpan bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

Result<SealedParts> parts_of(ByteSpan sealed) {
    if (sealed.size() < kSealedExtra)
        return bad_input("sealed value: " + std::to_string(sealed.size()) + " bytes, expected at least " +
                         std::to_string(kSealedExtra) + "; the store is damaged");
    if (sealed[0] != kSealedVersion)
        return bad_input("sealed value: version " + std::to_string(sealed[0]) + ", expected " +
                         std::to_string(kSealedVersion) + "; a later program wrote it, or the store is damaged");
    return SealedParts{.nonce = sealed.subspan(offsetof(SealedHeader, nonce), kNonceSize),
                       .cipher_text = sealed.subspan(sizeof(SealedHeader), sealed.size() - kSealedExtra),
                       .tag = sealed.last(kTagSize)};
}

Result<Secret> random_key() {
    Bytes bytes(kKeySize);
    if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return std::unexpected(openssl::error("random key"));
    return Secret(std::move(bytes));
}

Status fill_random(std::span<std::uint8_t> bytes) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return std::unexpected(openssl::error("random bytes"));
    return {};
}

Result<Bytes> seal(ByteSpan key, ByteSpan plain, ByteSpan context) {
    HALLMARK_CHECK(check_sizes(key, plain, context));
    SealedHeader header;
    HALLMARK_CHECK(fill_random(header.nonce));
    Bytes sealed(plain.size() + kSealedExtra);
    std::memcpy(sealed.data(), &header, sizeof header);
    auto* const text = sealed.data() + sizeof header;
    auto* const tag = text + plain.size();
    const CipherContext cipher(EVP_CIPHER_CTX_new());
    int size = 0;
    int rest = 0;
    if (cipher == nullptr ||
        EVP_EncryptInit_ex2(cipher.get(), aes_256_gcm(), key.data(), header.nonce.data(), nullptr) != 1 ||
        EVP_EncryptUpdate(cipher.get(), nullptr, &size, context.data(), size_of(context)) != 1 ||
        EVP_EncryptUpdate(cipher.get(), text, &size, plain.data(), size_of(plain)) != 1 ||
        EVP_EncryptFinal_ex(cipher.get(), tag, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) != 1)
        return std::unexpected(openssl::error("sealing"));
    return sealed;
}

Result<Secret> unseal(ByteSpan key, ByteSpan sealed, ByteSpan context) {
    HALLMARK_CHECK(check_sizes(key, sealed, context));
    HALLMARK_TRY(const SealedParts parts, parts_of(sealed));
    std::array<std::uint8_t, kTagSize> tag{};
    std::memcpy(tag.data(), parts.tag.data(), tag.size());
    // Room for one byte more: OpenSSL takes no null pointer for an empty text.
    Bytes plain(parts.cipher_text.size() + 1);
    auto* const out = plain.data();
    const CipherContext cipher(EVP_CIPHER_CTX_new());
    int size = 0;
    int rest = 0;
    const bool opened =
        cipher != nullptr &&
        EVP_DecryptInit_ex2(cipher.get(), aes_256_gcm(), key.data(), parts.nonce.data(), nullptr) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &size, context.data(), size_of(context)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), out, &size, parts.cipher_text.data(), size_of(parts.cipher_text)) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), out + size, &rest) == 1;
    if (opened) plain.resize(parts.cipher_text.size());
    // Wiped where the tag was wrong: nothing unauthenticated gets out.
    Secret secret(std::move(plain));
    ERR_clear_error();
    if (!opened)
        return bad_input("sealed value: does not open under this key; it was changed, or stands in another's place");
    return secret;
}

}  // namespace hallmark::keys
