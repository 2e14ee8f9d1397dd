// SPDX-License-Identifier: Apache-2.0
// Keys, keyrings and signed messages of OpenPGP, made with OpenSSL for tests that break one thing each.
#pragma once

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "agent/image-policy/openpgp/key.hpp"
#include "agent/image-policy/openpgp/signature.hpp"
#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/openssl.hpp"

namespace hallmark::test::pgp {

using image_policy::openpgp::HashAlgorithm;
using image_policy::openpgp::KeyAlgorithm;
using image_policy::openpgp::SignatureType;
using image_policy::openpgp::Tag;

inline constexpr std::uint32_t kMade = 1'700'000'000;  // keys and what holds them together
inline constexpr std::int64_t kNow = 1'790'000'000;
inline constexpr std::uint32_t kDay = 86'400;

inline void must(bool done) {
    if (!done) std::abort();
}

inline Bytes joined(std::initializer_list<ByteSpan> pieces) {
    Bytes bytes;
    for (const auto piece : pieces) append(bytes, piece);
    return bytes;
}

inline Bytes big_endian(std::uint64_t value, std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[size - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    return bytes;
}

/// New format, the length in five bytes.
inline Bytes packet(Tag tag, ByteSpan body) {
    return joined(
        {Bytes{static_cast<std::uint8_t>(0xc0 | static_cast<unsigned>(tag)), 0xff}, big_endian(body.size(), 4), body});
}

inline Bytes mpi(ByteSpan number) {
    while (!number.empty() && number[0] == 0) number = number.subspan(1);
    std::size_t bits = number.size() * 8;
    if (!number.empty())
        for (std::uint8_t top = number[0]; (top & 0x80) == 0; top = static_cast<std::uint8_t>(top << 1)) --bits;
    return joined({big_endian(bits, 2), number});
}

inline Bytes mpi(const BIGNUM* number) {
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, bytes.data());
    return mpi(bytes);
}

inline Bytes number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    must(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    const openssl::Number owned(number);
    return mpi(number);
}

/// Who signs: a key pair and the body of its public key packet.
struct Signer {
    openssl::Key key;
    KeyAlgorithm algorithm{};
    Bytes body;

    [[nodiscard]] Bytes hashed() const { return joined({Bytes{0x99}, big_endian(body.size(), 2), body}); }
    [[nodiscard]] Bytes fingerprint() const {
        Hasher<Sha1> hasher;
        hasher.update(hashed());
        const auto digest = hasher.finish();
        return {digest.begin(), digest.end()};
    }
    [[nodiscard]] Bytes id() const {
        const auto all = fingerprint();
        return {all.end() - 8, all.end()};
    }
};

inline Bytes raw_point(const EVP_PKEY* key) {
    Bytes point(32);
    std::size_t size = point.size();
    must(EVP_PKEY_get_raw_public_key(key, point.data(), &size) == 1);
    return point;
}

inline Bytes ec_point(const EVP_PKEY* key) {
    Bytes point(200);
    std::size_t size = 0;
    must(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) == 1);
    point.resize(size);
    return point;
}

/// `kind`: "RSA-2048", "RSA-1024", "P-256", "P-384", "P-521", "Ed25519" or "Ed25519Legacy".
inline Signer make_signer(std::string_view kind, std::uint32_t created = kMade) {
    Signer signer;
    Bytes numbers;
    if (kind.starts_with("RSA-")) {
        signer.algorithm = KeyAlgorithm::kRsa;
        signer.key.reset(EVP_RSA_gen(static_cast<unsigned>(std::atoi(std::string(kind.substr(4)).c_str()))));
        numbers = joined(
            {number_of(signer.key.get(), OSSL_PKEY_PARAM_RSA_N), number_of(signer.key.get(), OSSL_PKEY_PARAM_RSA_E)});
    } else if (kind.starts_with("P-")) {
        signer.algorithm = KeyAlgorithm::kEcdsa;
        signer.key.reset(EVP_EC_gen(std::string(kind).c_str()));
        const Bytes oid = kind == "P-256"
                              ? Bytes{8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}
                              : Bytes{5, 0x2b, 0x81, 4, 0, static_cast<std::uint8_t>(kind == "P-384" ? 0x22 : 0x23)};
        numbers = joined({oid, mpi(ec_point(signer.key.get()))});
    } else {
        signer.key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
        const Bytes point = raw_point(signer.key.get());
        signer.algorithm = kind == "Ed25519" ? KeyAlgorithm::kEd25519 : KeyAlgorithm::kEdDsaLegacy;
        numbers = kind == "Ed25519"
                      ? point
                      : joined({Bytes{9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1}, mpi(joined({Bytes{0x40}, point}))});
    }
    must(signer.key != nullptr);
    signer.body =
        joined({Bytes{4}, big_endian(created, 4), Bytes{static_cast<std::uint8_t>(signer.algorithm)}, numbers});
    return signer;
}

struct Making {
    SignatureType type = SignatureType::kBinary;
    HashAlgorithm hash = HashAlgorithm::kSha512;
    std::optional<std::uint32_t> created = kMade;
    std::uint32_t expires_after = 0;
    std::uint32_t key_expires_after = 0;
    std::optional<std::uint8_t> flags;
    Bytes more_hashed;  ///< subpackets as they stand
    Bytes more_unhashed;
    std::uint8_t version = 4;
    bool names_issuer = true;
};

/// Length, type and content; any of a length below 192 in one byte, others in five.
inline Bytes subpacket(std::uint8_t type, ByteSpan content) {
    const std::size_t size = 1 + content.size();
    const Bytes length = size < 192 ? big_endian(size, 1) : joined({Bytes{0xff}, big_endian(size, 4)});
    return joined({length, Bytes{type}, content});
}

inline const EVP_MD* digest_of(HashAlgorithm hash) {
    switch (static_cast<unsigned>(hash)) {
        case 2:
            return EVP_sha1();
        case 8:
            return EVP_sha256();
        case 9:
            return EVP_sha384();
        default:
            return EVP_sha512();
    }
}

inline Bytes sign_digest(const Signer& signer, HashAlgorithm hash, ByteSpan digest) {
    Bytes value(1024);
    std::size_t size = value.size();
    if (EVP_PKEY_get_base_id(signer.key.get()) == EVP_PKEY_ED25519) {
        const openssl::DigestContext context(EVP_MD_CTX_new());
        must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, signer.key.get()) == 1 &&
             EVP_DigestSign(context.get(), value.data(), &size, digest.data(), digest.size()) == 1);
        value.resize(size);
        const ByteSpan both = value;
        return signer.algorithm == KeyAlgorithm::kEd25519 ? value : joined({mpi(both.first(32)), mpi(both.last(32))});
    }
    const openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
        EVP_PKEY_CTX_new_from_pkey(nullptr, signer.key.get(), nullptr));
    must(EVP_PKEY_sign_init(context.get()) == 1 &&
         (signer.algorithm != KeyAlgorithm::kRsa ||
          EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1) &&
         EVP_PKEY_CTX_set_signature_md(context.get(), digest_of(hash)) == 1 &&
         EVP_PKEY_sign(context.get(), value.data(), &size, digest.data(), digest.size()) == 1);
    value.resize(size);
    if (signer.algorithm == KeyAlgorithm::kRsa) return mpi(value);
    const std::uint8_t* der = value.data();
    const openssl::EcdsaSignature both(d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size)));
    return joined({mpi(ECDSA_SIG_get0_r(both.get())), mpi(ECDSA_SIG_get0_s(both.get()))});
}

/// The body of a signature packet over the pieces of `data`.
inline Bytes signature_body(const Signer& signer, const Making& making, std::initializer_list<ByteSpan> data) {
    Bytes hashed;
    if (making.created) append(hashed, subpacket(2, big_endian(*making.created, 4)));
    if (making.expires_after != 0) append(hashed, subpacket(3, big_endian(making.expires_after, 4)));
    if (making.key_expires_after != 0) append(hashed, subpacket(9, big_endian(making.key_expires_after, 4)));
    if (making.flags) append(hashed, subpacket(27, Bytes{*making.flags}));
    if (making.names_issuer) append(hashed, subpacket(33, joined({Bytes{4}, signer.fingerprint()})));
    append(hashed, making.more_hashed);
    const Bytes unhashed = joined({making.names_issuer ? subpacket(16, signer.id()) : Bytes(), making.more_unhashed});

    const Bytes head =
        joined({Bytes{making.version, static_cast<std::uint8_t>(making.type),
                      static_cast<std::uint8_t>(signer.algorithm), static_cast<std::uint8_t>(making.hash)},
                big_endian(hashed.size(), 2), hashed});
    Bytes input;
    for (const auto piece : data) append(input, piece);
    append(input, joined({head, Bytes{making.version, 0xff}, big_endian(head.size(), 4)}));
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    must(EVP_Digest(input.data(), input.size(), digest.data(), &size, digest_of(making.hash), nullptr) == 1);
    return joined({head, big_endian(unhashed.size(), 2), unhashed, ByteSpan(digest).first(2),
                   sign_digest(signer, making.hash, ByteSpan(digest).first(size))});
}

inline Bytes signature(const Signer& signer, const Making& making, std::initializer_list<ByteSpan> data) {
    return packet(Tag::kSignature, signature_body(signer, making, data));
}

inline Bytes user_id_hashed(std::string_view name) {
    return joined({Bytes{0xb4}, big_endian(name.size(), 4), as_bytes(name)});
}

inline constexpr std::string_view kName = "Owner <owner@example>";

/// What a self-signature says by default: the key may certify and sign.
inline Making self_making() {
    Making making;
    making.type = SignatureType::kPositiveCertification;
    making.flags = std::uint8_t{0x03};
    return making;
}

/// A public key with one user ID and one self-signature.
inline Bytes certificate(const Signer& signer, const Making& self = self_making()) {
    return joined({packet(Tag::kPublicKey, signer.body), packet(Tag::kUserId, as_bytes(kName)),
                   signature(signer, self, {signer.hashed(), user_id_hashed(kName)})});
}

/// A subkey packet with its binding; `back`: it signs the binding too.
inline Bytes bound_subkey(const Signer& primary, const Signer& subkey, Making binding, bool back = true) {
    binding.type = SignatureType::kSubkeyBinding;
    if (!binding.flags) binding.flags = std::uint8_t{0x02};
    Making own;
    own.type = SignatureType::kPrimaryKeyBinding;
    if (back)
        append(binding.more_unhashed, subpacket(32, signature_body(subkey, own, {primary.hashed(), subkey.hashed()})));
    return joined(
        {packet(Tag::kPublicSubkey, subkey.body), signature(primary, binding, {primary.hashed(), subkey.hashed()})});
}

inline Bytes literal_packet(std::string_view data) {
    return packet(Tag::kLiteralData, joined({Bytes{'b', 0, 0, 0, 0, 0}, as_bytes(data)}));
}

inline Bytes one_pass_packet(const Signer& signer, const Making& making = {}) {
    return packet(Tag::kOnePassSignature,
                  joined({Bytes{3, static_cast<std::uint8_t>(making.type), static_cast<std::uint8_t>(making.hash),
                                static_cast<std::uint8_t>(signer.algorithm)},
                          signer.id(), Bytes{1}}));
}

/// As GnuPG writes it without compression.
inline Bytes message(const Signer& signer, std::string_view data, const Making& making = {}) {
    return joined({one_pass_packet(signer, making), literal_packet(data), signature(signer, making, {as_bytes(data)})});
}

}  // namespace hallmark::test::pgp
