// SPDX-License-Identifier: Apache-2.0
#include "common/jose/ecdh_es.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "common/endian.hpp"

namespace hallmark::jose {
namespace {

using CipherContext = openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using DerivationContext = openssl::Owned<EVP_KDF_CTX, EVP_KDF_CTX_free>;

constexpr std::string_view kAlgorithm = "ECDH-ES+A256KW";
constexpr std::string_view kWhat = "JWE: ECDH-ES";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kBlock = 8;  // RFC 3394: what is wrapped grows by one
constexpr std::size_t kLongestWrapped = 1024;

// Fetched once, as the digests are.
const EVP_CIPHER* aes_key_wrap() {
    static const EVP_CIPHER* const kCipher = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr);
    return kCipher;
}
EVP_KDF* single_step_kdf() {
    static EVP_KDF* const kKdf = EVP_KDF_fetch(nullptr, "SSKDF", nullptr);
    return kKdf;
}

void append_number(Bytes& to, std::size_t number) {
    append(to, as_bytes(Be<std::uint32_t>(static_cast<std::uint32_t>(number))));
}
void append_with_length(Bytes& to, ByteSpan bytes) {
    append_number(to, bytes.size());
    append(to, bytes);
}

}  // namespace

Result<Secret> agree(EVP_PKEY& own, EVP_PKEY& other) {
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, &own, nullptr));
    std::size_t size = 0;
    if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer_ex(context.get(), &other, 0) != 1 ||
        EVP_PKEY_derive(context.get(), nullptr, &size) != 1)
        return std::unexpected(openssl::error(kWhat));
    Bytes bytes(size);
    const bool derived = EVP_PKEY_derive(context.get(), bytes.data(), &size) == 1 && size == bytes.size();
    Secret secret(std::move(bytes));
    if (!derived) return std::unexpected(openssl::error(kWhat));
    return secret;
}

Result<Secret> concat_kdf(const Secret& agreed, std::string_view algorithm, ByteSpan party_u, ByteSpan party_v,
                          std::size_t size) {
    Bytes info;
    append_with_length(info, as_bytes(algorithm));
    append_with_length(info, party_u);
    append_with_length(info, party_v);
    append_number(info, size * 8);
    const auto octets = [](const char* name, ByteSpan bytes) {  // read only
        return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
    };
    std::string digest = "SHA2-256";
    const std::array<OSSL_PARAM, 4> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        octets(OSSL_KDF_PARAM_KEY, agreed.bytes()), octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    const DerivationContext context(EVP_KDF_CTX_new(single_step_kdf()));
    Bytes key(size);
    const bool derived = context && EVP_KDF_derive(context.get(), key.data(), key.size(), parameters.data()) == 1;
    Secret secret(std::move(key));
    if (!derived) return std::unexpected(openssl::error(kWhat));
    return secret;
}

Result<Bytes> wrap_key(const Secret& with, ByteSpan key) {
    const CipherContext context(EVP_CIPHER_CTX_new());
    Bytes wrapped(key.size() + kBlock);
    int size = 0;
    if (!context || with.bytes().size() != kKeySize || wrapped.size() > kLongestWrapped)
        return bad_input("JWE: key wrap: a key of another length");
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_EncryptInit_ex2(context.get(), aes_key_wrap(), with.bytes().data(), nullptr, nullptr) != 1 ||
        EVP_EncryptUpdate(context.get(), wrapped.data(), &size, key.data(), static_cast<int>(key.size())) != 1 ||
        static_cast<std::size_t>(size) != wrapped.size())
        return std::unexpected(openssl::error("JWE: key wrap"));
    return wrapped;
}

Result<Secret> unwrap_key(const Secret& with, ByteSpan wrapped) {
    const CipherContext context(EVP_CIPHER_CTX_new());
    Bytes key(wrapped.size());  // OpenSSL wants that much, and uses a block less
    int size = 0;
    bool good = false;
    if (context && with.bytes().size() == kKeySize && wrapped.size() <= kLongestWrapped) {
        EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
        good = EVP_DecryptInit_ex2(context.get(), aes_key_wrap(), with.bytes().data(), nullptr, nullptr) == 1 &&
               EVP_DecryptUpdate(context.get(), key.data(), &size, wrapped.data(), static_cast<int>(wrapped.size())) ==
                   1 &&
               size >= 0 && static_cast<std::size_t>(size) + kBlock == wrapped.size();
    }
    const Secret all(std::move(key));
    ERR_clear_error();
    if (!good) return refused("JWE: not encrypted to this key, or changed since");
    const auto part = all.bytes().first(static_cast<std::size_t>(size));
    return Secret(Bytes(part.begin(), part.end()));
}

Result<WrappedForEc> wrap_for_ec(EVP_PKEY& recipient, ByteSpan key) {
    const auto curve = curve_of(recipient);
    // Of the recipient's curve, without looking it up again.
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, &recipient, nullptr));
    EVP_PKEY* raw = nullptr;
    const bool made =
        curve && context && EVP_PKEY_keygen_init(context.get()) == 1 && EVP_PKEY_generate(context.get(), &raw) == 1;
    const openssl::Key ephemeral(raw);
    if (!made) return std::unexpected(openssl::error(kWhat));
    HALLMARK_TRY(const Secret agreed, agree(*ephemeral, recipient));
    HALLMARK_TRY(const Secret with, concat_kdf(agreed, kAlgorithm, {}, {}, kKeySize));
    WrappedForEc result;
    HALLMARK_TRY(result.encrypted_key, wrap_key(with, key));
    HALLMARK_TRY(result.ephemeral, point_of(*ephemeral, *curve));
    return result;
}

Result<Secret> unwrap_with_ec(EVP_PKEY& own, EVP_PKEY& ephemeral, ByteSpan wrapped) {
    HALLMARK_TRY(const Secret agreed, agree(own, ephemeral));
    HALLMARK_TRY(const Secret with, concat_kdf(agreed, kAlgorithm, {}, {}, kKeySize));
    return unwrap_key(with, wrapped);
}

}  // namespace hallmark::jose
