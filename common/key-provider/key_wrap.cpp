// SPDX-License-Identifier: Apache-2.0
#include "common/key-provider/key_wrap.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <limits>
#include <string>
#include <utility>

#include "common/openssl.hpp"

namespace hallmark::key_provider {
namespace {

using Context = openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

Status check_sizes(ByteSpan key, ByteSpan iv, std::size_t iv_bytes, std::size_t size) {
    if (key.size() != kKeyBytes)
        return refused("key: " + std::to_string(key.size()) + " bytes, expected " + std::to_string(kKeyBytes));
    if (iv.size() != iv_bytes)
        return bad_input("iv: " + std::to_string(iv.size()) + " bytes, expected " + std::to_string(iv_bytes));
    if (size == 0 || size > std::numeric_limits<int>::max())
        return bad_input("wrapped data: " + std::to_string(size) + " bytes to wrap or unwrap, expected some");
    return {};
}

Result<Secret> unwrap_gcm(ByteSpan key, ByteSpan iv, ByteSpan data) {
    const std::size_t secret_size = data.size() < kTagBytes ? 0 : data.size() - kTagBytes;
    HALLMARK_CHECK(check_sizes(key, iv, kIvBytes, secret_size));
    Bytes tag(data.end() - kTagBytes, data.end());
    const Context context(EVP_CIPHER_CTX_new());
    Bytes plain(secret_size);
    int size = 0;
    int rest = 0;
    const bool begun =
        context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), iv.data()) == 1 &&
        EVP_DecryptUpdate(context.get(), plain.data(), &size, data.data(), static_cast<int>(secret_size)) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1;
    // From here on it is wiped whatever comes.
    Secret secret(std::move(plain));
    if (!begun) return std::unexpected(openssl::error("unwrapping a layer's key"));
    std::uint8_t none = 0;
    if (EVP_DecryptFinal_ex(context.get(), &none, &rest) != 1) {
        ERR_clear_error();
        return refused(
            "wrapped data: not wrapped under this key, or changed since; expected what a key provider wrapped");
    }
    return secret;
}

Result<Secret> unwrap_ctr(ByteSpan key, ByteSpan counter, ByteSpan data) {
    HALLMARK_CHECK(check_sizes(key, counter, kCounterBytes, data.size()));
    const Context context(EVP_CIPHER_CTX_new());
    Bytes plain(data.size());
    int size = 0;
    const bool done =
        context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr, key.data(), counter.data()) == 1 &&
        EVP_DecryptUpdate(context.get(), plain.data(), &size, data.data(), static_cast<int>(data.size())) == 1;
    Secret secret(std::move(plain));
    if (!done) return std::unexpected(openssl::error("unwrapping a layer's key"));
    return secret;
}

}  // namespace

std::string_view name_of(WrapType type) { return type == WrapType::kA256Ctr ? "A256CTR" : "A256GCM"; }

Result<WrapType> parse_wrap_type(std::string_view name, std::string_view where) {
    for (const auto type : {WrapType::kA256Gcm, WrapType::kA256Ctr})
        if (name == name_of(type)) return type;
    return bad_input(std::string(where) + ": another value, expected A256GCM or A256CTR");
}

Result<Wrapped> wrap(ByteSpan key, ByteSpan secret) {
    Wrapped wrapped{Bytes(kIvBytes), Bytes(secret.size() + kTagBytes)};
    HALLMARK_CHECK(check_sizes(key, wrapped.iv, kIvBytes, secret.size()));
    const Context context(EVP_CIPHER_CTX_new());
    int size = 0;
    int rest = 0;
    auto* const tag = wrapped.data.data() + secret.size();
    if (!context || RAND_bytes(wrapped.iv.data(), static_cast<int>(wrapped.iv.size())) != 1 ||
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), wrapped.iv.data()) != 1 ||
        EVP_EncryptUpdate(context.get(), wrapped.data.data(), &size, secret.data(), static_cast<int>(secret.size())) !=
            1 ||
        EVP_EncryptFinal_ex(context.get(), wrapped.data.data() + size, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes), tag) != 1)
        return std::unexpected(openssl::error("wrapping a layer's key"));
    return wrapped;
}

Result<Secret> unwrap(WrapType type, ByteSpan key, ByteSpan iv, ByteSpan data) {
    return type == WrapType::kA256Ctr ? unwrap_ctr(key, iv, data) : unwrap_gcm(key, iv, data);
}

Result<Secret> random_key() {
    Bytes key(kKeyBytes);
    if (RAND_priv_bytes(key.data(), static_cast<int>(key.size())) != 1)
        return std::unexpected(openssl::error("making a key"));
    return Secret(std::move(key));
}

}  // namespace hallmark::key_provider
