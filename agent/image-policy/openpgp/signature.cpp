// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/signature.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/image-policy/openpgp/subpackets.hpp"
#include "common/hex.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

constexpr std::uint8_t kVersion = 4;

Status check_hash(std::uint8_t hash, const std::string& what) {
    if (hash >= 8 && hash <= 10) return {};
    const std::string_view known = hash == 1 ? " (MD5)" : hash == 2 ? " (SHA-1)" : "";
    return bad_input(what + ": hash algorithm " + std::to_string(hash) + std::string(known) +
                     ", expected SHA-256, SHA-384 or SHA-512");
}

}  // namespace

Result<Signature> Signature::parse(ByteSpan body, const std::string& what) {
    Reader reader(body, what);
    Signature signature;
    HALLMARK_TRY(const std::uint8_t version, read_u8(reader));
    if (version != kVersion)
        return bad_input(what + ": a signature of version " + std::to_string(version) + ", expected version 4");
    HALLMARK_TRY(const std::uint8_t type, read_u8(reader));
    HALLMARK_TRY(const std::uint8_t algorithm, read_u8(reader));
    HALLMARK_TRY(const std::uint8_t hash, read_u8(reader));
    HALLMARK_CHECK(check_hash(hash, what));
    signature.type = static_cast<SignatureType>(type);
    signature.algorithm = static_cast<KeyAlgorithm>(algorithm);
    signature.hash = static_cast<HashAlgorithm>(hash);

    HALLMARK_TRY(const std::uint32_t hashed_size, read_number(reader, 2));
    HALLMARK_TRY(const ByteSpan hashed, reader.bytes(hashed_size));
    HALLMARK_CHECK(read_subpackets(hashed, Area::kHashed, signature.says, what));
    const std::size_t signed_size = reader.offset();
    HALLMARK_TRY(const std::uint32_t unhashed_size, read_number(reader, 2));
    HALLMARK_TRY(const ByteSpan unhashed, reader.bytes(unhashed_size));
    HALLMARK_CHECK(read_subpackets(unhashed, Area::kUnhashed, signature.says, what));
    if (!signature.says.created) return bad_input(what + ": no time of creation among what is signed");

    HALLMARK_TRY(const ByteSpan left_16, reader.bytes(2));
    std::ranges::copy(left_16, signature.left_16.begin());
    HALLMARK_TRY(const ByteSpan values, reader.bytes(reader.remaining()));
    signature.values.assign(values.begin(), values.end());

    // RFC 9580, section 5.2.4: the packet up to the hashed subpackets; version, 0xff, how many bytes that were.
    append(signature.hashed, body.first(signed_size));
    const auto size = static_cast<std::uint32_t>(signed_size);
    append(signature.hashed,
           Bytes{kVersion, 0xff, static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
                 static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
    return signature;
}

bool Signature::names(const PublicKey& key) const {
    if (says.issuer_fingerprint) return *says.issuer_fingerprint == key.fingerprint();
    return says.issuer && equal(*says.issuer, ByteSpan(key.fingerprint()).last(8));
}

std::string Signature::issuer() const {
    if (says.issuer_fingerprint) return to_upper_hex(ByteSpan(*says.issuer_fingerprint).last(8));
    return says.issuer ? to_upper_hex(*says.issuer) : "an unnamed key";
}

}  // namespace hallmark::image_policy::openpgp
