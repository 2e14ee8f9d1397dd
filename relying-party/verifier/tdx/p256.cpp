// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/p256.hpp"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <cstddef>
#include <string>

namespace hallmark::verifier {
namespace {

using KeyContext = openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Builder = openssl::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = openssl::Owned<OSSL_PARAM, OSSL_PARAM_free>;

constexpr std::size_t kNumberSize = 32;
constexpr const char* kCurve = "P-256";
constexpr std::string_view kGroup = SN_X9_62_prime256v1;  // as OpenSSL answers

/// r and s as OpenSSL takes them.
Result<Bytes> der_of(const tdx::P256Pair& pair) {
    const openssl::EcdsaSignature signature(ECDSA_SIG_new());
    openssl::Number r(BN_bin2bn(pair.data(), kNumberSize, nullptr));
    openssl::Number s(BN_bin2bn(pair.data() + kNumberSize, kNumberSize, nullptr));
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
        return std::unexpected(openssl::error("signature"));
    // They belong to the signature now.
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    unsigned char* encoded = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &encoded);
    if (size <= 0) return std::unexpected(openssl::error("signature"));
    Bytes der(encoded, encoded + size);
    OPENSSL_free(encoded);
    return der;
}

bool is_p256(const EVP_PKEY& key) {
    char group[80] = "";
    std::size_t size = 0;
    const bool named = EVP_PKEY_get_group_name(&key, group, sizeof group, &size) == 1;
    ERR_clear_error();
    return named && std::string_view(group, size) == kGroup;
}

}  // namespace

Result<openssl::Key> p256_key(const tdx::P256Pair& point, std::string_view what) {
    Bytes encoded{0x04};
    append(encoded, point);
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!context || !builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()) != 1)
        return std::unexpected(openssl::error(what));
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    EVP_PKEY* key = nullptr;
    if (!parameters || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return std::unexpected(openssl::error(what, Fault::kNo));
    return openssl::Key(key);
}

Status verify_p256(EVP_PKEY& key, ByteSpan bytes, const tdx::P256Pair& pair, std::string_view what) {
    if (!is_p256(key)) return refused(std::string(what) + ": the key that signed it is not of P-256");
    HALLMARK_TRY(const Bytes signature, der_of(pair));
    const openssl::DigestContext context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, &key) != 1)
        return std::unexpected(openssl::error(what));
    const int holds = EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(), bytes.size());
    ERR_clear_error();
    if (holds != 1) return refused(std::string(what) + ": its signature does not hold");
    return {};
}

}  // namespace hallmark::verifier
