// SPDX-License-Identifier: Apache-2.0
#include "common/jose/ec_private_key.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace hallmark::jose {
namespace {

enum : std::uint8_t { kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kIdentifier = 0x06, kSequence = 0x30 };
constexpr std::uint8_t kPublicKey = 0xa1;  // [1] of ECPrivateKey
constexpr std::array<std::uint8_t, 7> kEcPublicKey = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
constexpr std::size_t kLargest = 256;  // P-521 takes 241

/// DER from its end to its begin: what is inside is there before its length is written.
class Backwards {
public:
    Backwards() = default;
    Backwards(const Backwards&) = delete;
    Backwards& operator=(const Backwards&) = delete;
    ~Backwards() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

    /// Where what is written next ends.
    [[nodiscard]] std::size_t here() const { return begin_; }
    void put(ByteSpan bytes) {
        begin_ -= bytes.size();
        std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
    }
    /// Tag and length of what was written since then. No part is longer than a length of one byte says.
    void close(std::uint8_t tag, std::size_t end) {
        const auto length = static_cast<std::uint8_t>(end - begin_);
        if (length < 0x80)
            put(std::array{tag, length});
        else
            put(std::array<std::uint8_t, 3>{tag, 0x81, length});
    }
    void value(std::uint8_t tag, ByteSpan bytes) {
        const std::size_t end = here();
        put(bytes);
        close(tag, end);
    }
    [[nodiscard]] Secret take() const {
        return Secret(Bytes(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.end()));
    }

private:
    std::array<std::uint8_t, kLargest> bytes_{};
    std::size_t begin_ = kLargest;
};

}  // namespace

Secret ec_private_key_info(const Curve& curve, const EcPoint& point, ByteSpan d) {
    constexpr std::array<std::uint8_t, 1> kVersion0 = {0};
    constexpr std::array<std::uint8_t, 1> kVersion1 = {1};
    constexpr std::array<std::uint8_t, 2> kWholeBytesUncompressed = {0, 4};
    Backwards der;
    const std::size_t end = der.here();
    der.put(point.y);
    der.put(point.x);
    der.put(kWholeBytesUncompressed);
    der.close(kBitString, end);
    der.close(kPublicKey, end);
    der.value(kOctetString, d);
    der.value(kInteger, kVersion1);
    der.close(kSequence, end);
    der.close(kOctetString, end);
    const std::size_t algorithm = der.here();
    der.value(kIdentifier, as_bytes(curve.identifier));
    der.value(kIdentifier, kEcPublicKey);
    der.close(kSequence, algorithm);
    der.value(kInteger, kVersion0);
    der.close(kSequence, end);
    return der.take();
}

}  // namespace hallmark::jose
