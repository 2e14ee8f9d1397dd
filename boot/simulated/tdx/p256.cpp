// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/p256.hpp"

#include <openssl/core_names.h>

#include <algorithm>

namespace hallmark::boot {
namespace {

constexpr int kNumberSize = 32;
constexpr const char* kName = "P-256";

}  // namespace

Result<openssl::Key> make_p256() {
    openssl::Key key(EVP_EC_gen(kName));
    if (!key) return std::unexpected(openssl::error(kName));
    return key;
}

Result<tdx::P256Pair> public_point(const EVP_PKEY& key) {
    std::array<std::uint8_t, 65> encoded{};  // 0x04, x, y
    std::size_t size = 0;
    if (EVP_PKEY_get_octet_string_param(&key, OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size(), &size) != 1 ||
        size != encoded.size())
        return std::unexpected(openssl::error(kName));
    tdx::P256Pair point{};
    std::copy(encoded.begin() + 1, encoded.end(), point.begin());
    return point;
}

Result<tdx::P256Pair> sign_p256(EVP_PKEY& key, ByteSpan bytes) {
    const openssl::DigestContext context(EVP_MD_CTX_new());
    Bytes der(static_cast<std::size_t>(EVP_PKEY_get_size(&key)));
    std::size_t size = der.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, &key) != 1 ||
        EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()) != 1)
        return std::unexpected(openssl::error(kName));
    const unsigned char* at = der.data();
    const openssl::EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    tdx::P256Pair pair{};
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), pair.data(), kNumberSize) != kNumberSize ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), pair.data() + kNumberSize, kNumberSize) != kNumberSize)
        return std::unexpected(openssl::error(kName));
    return pair;
}

}  // namespace hallmark::boot
