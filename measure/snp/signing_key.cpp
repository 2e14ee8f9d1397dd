// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/signing_key.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>

#include <string_view>
#include <utility>

#include "common/file.hpp"

namespace hallmark::snp {
namespace {

constexpr std::size_t kLargestKeyFile = 64 * 1024;
constexpr std::string_view kP384 = "secp384r1";

using Decoder = openssl::Owned<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free>;

/// A file with a private key, wiped when it was read.
class KeyFile {
public:
    explicit KeyFile(Bytes bytes) : bytes_(std::move(bytes)) {}
    ~KeyFile() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;

    /// The key, if the file has the parts that are selected; no passphrase is asked for.
    [[nodiscard]] openssl::Key decode(int selection) const {
        EVP_PKEY* key = nullptr;
        const Decoder decoder(OSSL_DECODER_CTX_new_for_pkey(&key, nullptr, nullptr, "EC", selection, nullptr, nullptr));
        const auto* at = bytes_.data();
        auto size = bytes_.size();
        if (!decoder || OSSL_DECODER_from_data(decoder.get(), &at, &size) != 1) ERR_clear_error();
        return openssl::Key(key);
    }

private:
    Bytes bytes_;
};

template <std::size_t kSize>
bool put_little_endian(const BIGNUM* number, std::array<std::uint8_t, kSize>& into) {
    return number != nullptr && BN_bn2lebinpad(number, into.data(), static_cast<int>(into.size())) >= 0;
}

bool coordinate(const EVP_PKEY* key, const char* name, std::array<std::uint8_t, 72>& into) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return false;
    const openssl::Number owned(number);
    return put_little_endian(number, into);
}

Result<PublicKey> public_part(const EVP_PKEY* key, const std::string& what) {
    char group[64] = {};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group, sizeof group, &size) != 1 || std::string_view(group, size) != kP384)
        return bad_input(what + ": a key on " + std::string(group, size) + ", expected one on P-384 (secp384r1)");
    PublicKey found;
    found.curve = kCurveP384;
    if (!coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, found.qx) || !coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, found.qy))
        return std::unexpected(openssl::error(what));
    return found;
}

}  // namespace

Sha384 digest_of(const PublicKey& key) { return sha384(as_bytes(key)); }

Result<SigningKey> SigningKey::read(const std::filesystem::path& path) {
    HALLMARK_TRY(Bytes bytes, read_file(path, kLargestKeyFile));
    auto key = KeyFile(std::move(bytes)).decode(EVP_PKEY_KEYPAIR);
    if (!key)
        return bad_input(path.string() +
                         ": no EC private key without passphrase in PEM or DER; make one with openssl ecparam -genkey "
                         "-name secp384r1 -noout");
    HALLMARK_TRY(const PublicKey found, public_part(key.get(), path.string()));
    return SigningKey(std::move(key), found);
}

Result<Signature> SigningKey::sign(ByteSpan bytes) const {
    const openssl::DigestContext context(EVP_MD_CTX_new());
    std::array<std::uint8_t, 256> der{};
    auto size = der.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()) != 1)
        return std::unexpected(openssl::error("signature"));
    const auto* cursor = der.data();
    const openssl::EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)));
    Signature signature;
    if (!pair || !put_little_endian(ECDSA_SIG_get0_r(pair.get()), signature.r) ||
        !put_little_endian(ECDSA_SIG_get0_s(pair.get()), signature.s))
        return std::unexpected(openssl::error("signature"));
    return signature;
}

Result<PublicKey> read_public_key(const std::filesystem::path& path) {
    HALLMARK_TRY(Bytes bytes, read_file(path, kLargestKeyFile));
    const KeyFile file(std::move(bytes));
    for (const int selection : {EVP_PKEY_KEYPAIR, EVP_PKEY_PUBLIC_KEY})
        if (const auto key = file.decode(selection)) return public_part(key.get(), path.string());
    return bad_input(path.string() + ": no EC key in PEM or DER, expected one on P-384 (secp384r1)");
}

}  // namespace hallmark::snp
