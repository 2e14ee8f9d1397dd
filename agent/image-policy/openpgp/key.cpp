// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/key.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/hex.hpp"
#include "common/jose/openssl_key.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

constexpr std::uint8_t kVersion = 4;
constexpr std::size_t kLargestBody = 0xffff;  // the length before it is hashed in two bytes
constexpr std::size_t kEd25519Point = 32;
constexpr std::uint8_t kUncompressed = 0x04;
constexpr std::uint8_t kNativePoint = 0x40;

/// RFC 9580, section 9.2: object identifiers without their header.
struct NamedCurve {
    std::array<std::uint8_t, 9> oid;
    std::size_t oid_size;
    std::string_view name;
};
constexpr std::array<NamedCurve, 3> kCurves = {{
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, 8, "P-256"},
    {{0x2b, 0x81, 0x04, 0x00, 0x22}, 5, "P-384"},
    {{0x2b, 0x81, 0x04, 0x00, 0x23}, 5, "P-521"},
}};
constexpr std::array<std::uint8_t, 9> kEd25519Oid = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01};

/// Its length in one byte, 0 and 255 being reserved.
Result<ByteSpan> read_oid(Reader& reader) {
    HALLMARK_TRY(const std::uint8_t size, read_u8(reader));
    return reader.bytes(size);
}

}  // namespace

std::string to_upper_hex(ByteSpan bytes) {
    std::string text = to_hex(bytes);
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

std::string PublicKey::id() const { return to_upper_hex(ByteSpan(fingerprint_).last(8)); }

Result<PublicKey> PublicKey::parse(const Packet& packet, const std::string& what) {
    const std::string where = what + ": " + name_of(packet.tag) + " at " + hex_number(packet.offset);
    Reader reader(packet.body, where);
    PublicKey key;
    HALLMARK_TRY(const std::uint8_t version, read_u8(reader));
    if (version != kVersion)
        return bad_input(where + ": a key of version " + std::to_string(version) + ", expected version 4");
    if (packet.body.size() > kLargestBody)
        return bad_input(where + ": " + std::to_string(packet.body.size()) + " bytes, expected at most 65535");
    HALLMARK_TRY(key.created_, read_number(reader, 4));
    HALLMARK_TRY(const std::uint8_t algorithm, read_u8(reader));
    key.algorithm_ = static_cast<KeyAlgorithm>(algorithm);
    key.hashed_ = {0x99, static_cast<std::uint8_t>(packet.body.size() >> 8),
                   static_cast<std::uint8_t>(packet.body.size())};
    append(key.hashed_, packet.body);
    Hasher<Sha1> hasher;
    hasher.update(key.hashed_);
    key.fingerprint_ = hasher.finish();
    HALLMARK_CHECK(key.read_numbers(reader, where));
    return key;
}

Status PublicKey::read_numbers(Reader& reader, const std::string& what) {
    switch (algorithm_) {
        case KeyAlgorithm::kRsa:
        case KeyAlgorithm::kRsaSign:
            HALLMARK_CHECK(read_rsa(reader, what));
            break;
        case KeyAlgorithm::kEcdsa:
            HALLMARK_CHECK(read_ecdsa(reader, what));
            break;
        case KeyAlgorithm::kEdDsaLegacy:
            HALLMARK_CHECK(read_eddsa(reader, what));
            break;
        case KeyAlgorithm::kEd25519: {
            HALLMARK_TRY(const ByteSpan point, reader.bytes(kEd25519Point));
            HALLMARK_CHECK(set_ed25519(point, what));
            break;
        }
        default:
            why_not_ =
                "algorithm " + std::to_string(static_cast<unsigned>(algorithm_)) + ", expected RSA, ECDSA or Ed25519";
            return {};  // what it consists of is hashed and not looked at
    }
    // Of a curve that is not known here only the name was read.
    return key_ ? reader.finished() : Status();
}

Status PublicKey::read_rsa(Reader& reader, const std::string& what) {
    HALLMARK_TRY(const ByteSpan modulus, read_mpi(reader, what));
    HALLMARK_TRY(const ByteSpan exponent, read_mpi(reader, what));
    auto key = jose::make_rsa_key(modulus, exponent);
    if (!key) return std::unexpected(key.error().at(what));
    const int bits = EVP_PKEY_get_bits(key->get());
    if (bits < kSmallestRsa)
        why_not_ = "RSA of " + std::to_string(bits) + " bits, expected at least " + std::to_string(kSmallestRsa);
    else
        key_ = std::move(*key);
    return {};
}

Status PublicKey::read_ecdsa(Reader& reader, const std::string& what) {
    HALLMARK_TRY(const ByteSpan oid, read_oid(reader));
    const auto* const known = std::ranges::find_if(
        kCurves, [&](const NamedCurve& curve) { return equal(ByteSpan(curve.oid).first(curve.oid_size), oid); });
    if (known == kCurves.end()) {
        why_not_ = "ECDSA on another curve, expected P-256, P-384 or P-521";
        return {};
    }
    HALLMARK_TRY(const ByteSpan point, read_mpi(reader, what));
    const auto curve = jose::find_curve(known->name);
    if (!curve || point.size() != 1 + 2 * curve->coordinate || point[0] != kUncompressed)
        return bad_input(what + ": no uncompressed point of " + std::string(known->name));
    const ByteSpan x = point.subspan(1, curve->coordinate);
    const ByteSpan y = point.subspan(1 + curve->coordinate);
    auto key = jose::make_ec_key(*curve, {Bytes(x.begin(), x.end()), Bytes(y.begin(), y.end())});
    if (!key) return std::unexpected(key.error().at(what));
    key_ = std::move(*key);
    return {};
}

Status PublicKey::read_eddsa(Reader& reader, const std::string& what) {
    HALLMARK_TRY(const ByteSpan oid, read_oid(reader));
    if (!equal(oid, kEd25519Oid)) {
        why_not_ = "EdDSA on another curve, expected Ed25519";
        return {};
    }
    HALLMARK_TRY(const ByteSpan point, read_mpi(reader, what));
    if (point.size() != 1 + kEd25519Point || point[0] != kNativePoint) return bad_input(what + ": no point of Ed25519");
    return set_ed25519(point.subspan(1), what);
}

Status PublicKey::set_ed25519(ByteSpan point, const std::string& what) {
    key_.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, point.data(), point.size()), EVP_PKEY_free);
    if (!key_) return std::unexpected(openssl::error(what));
    return {};
}

}  // namespace hallmark::image_policy::openpgp
