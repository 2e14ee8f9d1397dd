// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/verify.hpp"

#include <openssl/rsa.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "agent/image-policy/openpgp/packet.hpp"
#include "common/openssl.hpp"
#include "common/reader.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

constexpr std::size_t kEd25519Half = 32;

const EVP_MD* digest_of(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::kSha256:
            return EVP_sha256();
        case HashAlgorithm::kSha384:
            return EVP_sha384();
        case HashAlgorithm::kSha512:
            return EVP_sha512();
    }
    return nullptr;
}

Result<Bytes> hash(const Signature& signature, std::initializer_list<ByteSpan> data, const std::string& what) {
    const EVP_MD* const algorithm = digest_of(signature.hash);
    const openssl::DigestContext context(EVP_MD_CTX_new());
    bool done = algorithm != nullptr && context && EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1;
    for (const auto piece : data) done = done && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
    done = done && EVP_DigestUpdate(context.get(), signature.hashed.data(), signature.hashed.size()) == 1;
    Bytes digest(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    if (!done || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
        return std::unexpected(openssl::error(what));
    digest.resize(size);
    return digest;
}

/// Zeros in front, up to `size` bytes; or those off that are too many.
Result<Bytes> padded(ByteSpan number, std::size_t size, const std::string& what) {
    while (!number.empty() && number[0] == 0) number = number.subspan(1);
    if (number.size() > size)
        return bad_input(what + ": a number of " + std::to_string(number.size()) + " bytes, expected at most " +
                         std::to_string(size));
    Bytes bytes(size - number.size());
    append(bytes, number);
    return bytes;
}

Result<Bytes> ecdsa_der(ByteSpan r, ByteSpan s, const std::string& what) {
    openssl::Number r_number(BN_bin2bn(r.data(), static_cast<int>(r.size()), nullptr));
    openssl::Number s_number(BN_bin2bn(s.data(), static_cast<int>(s.size()), nullptr));
    const openssl::EcdsaSignature both(ECDSA_SIG_new());
    if (!r_number || !s_number || !both || ECDSA_SIG_set0(both.get(), r_number.get(), s_number.get()) != 1)
        return std::unexpected(openssl::error(what));
    static_cast<void>(r_number.release());  // they belong to `both` now
    static_cast<void>(s_number.release());
    const int size = i2d_ECDSA_SIG(both.get(), nullptr);
    if (size <= 0) return std::unexpected(openssl::error(what));
    Bytes der(static_cast<std::size_t>(size));
    std::uint8_t* into = der.data();
    if (i2d_ECDSA_SIG(both.get(), &into) != size) return std::unexpected(openssl::error(what));
    return der;
}

/// As OpenSSL takes them.
Result<Bytes> signature_bytes(const Signature& signature, const PublicKey& key, const std::string& what) {
    Reader reader(signature.values, what);
    Bytes result;
    switch (signature.algorithm) {
        case KeyAlgorithm::kRsa:
        case KeyAlgorithm::kRsaSign: {
            HALLMARK_TRY(const ByteSpan number, read_mpi(reader, what));
            HALLMARK_TRY(result, padded(number, static_cast<std::size_t>(EVP_PKEY_get_size(key.handle())), what));
            break;
        }
        case KeyAlgorithm::kEcdsa: {
            HALLMARK_TRY(const ByteSpan r, read_mpi(reader, what));
            HALLMARK_TRY(const ByteSpan s, read_mpi(reader, what));
            HALLMARK_TRY(result, ecdsa_der(r, s, what));
            break;
        }
        case KeyAlgorithm::kEdDsaLegacy: {
            HALLMARK_TRY(const ByteSpan r, read_mpi(reader, what));
            HALLMARK_TRY(const ByteSpan s, read_mpi(reader, what));
            HALLMARK_TRY(result, padded(r, kEd25519Half, what));
            HALLMARK_TRY(const Bytes second, padded(s, kEd25519Half, what));
            append(result, second);
            break;
        }
        case KeyAlgorithm::kEd25519: {
            HALLMARK_TRY(const ByteSpan both, reader.bytes(2 * kEd25519Half));
            append(result, both);
            break;
        }
    }
    HALLMARK_CHECK(reader.finished());
    return result;
}

/// EdDSA signs the digest as its message; the others take it as the digest it is.
bool holds(const Signature& signature, const PublicKey& key, ByteSpan digest, ByteSpan value) {
    if (EVP_PKEY_get_base_id(key.handle()) == EVP_PKEY_ED25519) {
        const openssl::DigestContext context(EVP_MD_CTX_new());
        return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.handle()) == 1 &&
               EVP_DigestVerify(context.get(), value.data(), value.size(), digest.data(), digest.size()) == 1;
    }
    const openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
        EVP_PKEY_CTX_new_from_pkey(nullptr, key.handle(), nullptr));
    if (!context || EVP_PKEY_verify_init(context.get()) != 1) return false;
    if (EVP_PKEY_get_base_id(key.handle()) == EVP_PKEY_RSA &&
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1)
        return false;
    return EVP_PKEY_CTX_set_signature_md(context.get(), digest_of(signature.hash)) == 1 &&
           EVP_PKEY_verify(context.get(), value.data(), value.size(), digest.data(), digest.size()) == 1;
}

}  // namespace

Status verify(const Signature& signature, const PublicKey& key, std::initializer_list<ByteSpan> data,
              const std::string& what) {
    if (key.handle() == nullptr) return refused(what + ": key " + key.id() + ": " + key.why_not());
    if (signature.algorithm != key.algorithm())
        return refused(what + ": of algorithm " + std::to_string(static_cast<unsigned>(signature.algorithm)) +
                       ", but key " + key.id() + " is of " + std::to_string(static_cast<unsigned>(key.algorithm())));
    HALLMARK_TRY(const Bytes digest, hash(signature, data, what));
    HALLMARK_TRY(const Bytes value, signature_bytes(signature, key, what));
    const bool good = equal(signature.left_16, ByteSpan(digest).first(2)) && holds(signature, key, digest, value);
    ERR_clear_error();
    if (!good) return refused(what + ": key " + key.id() + " did not make it over this content");
    return {};
}

}  // namespace hallmark::image_policy::openpgp
