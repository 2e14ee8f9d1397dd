// SPDX-License-Identifier: Apache-2.0
// The packets of an OpenPGP message or keyring.
// Source: RFC 9580, section 4 (packet syntax): both formats of headers, partial and indeterminate lengths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/reader.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

/// RFC 9580, section 5. Others are kept as their number.
enum class Tag : std::uint8_t {
    kSignature = 2,
    kOnePassSignature = 4,
    kSecretKey = 5,
    kPublicKey = 6,
    kSecretSubkey = 7,
    kCompressedData = 8,
    kMarker = 10,
    kLiteralData = 11,
    kTrust = 12,
    kUserId = 13,
    kPublicSubkey = 14,
    kUserAttribute = 17,
    kPadding = 21,
};

/// "signature packet", or "packet 60"
std::string name_of(Tag tag);

struct Packet {
    Tag tag{};
    std::size_t offset = 0;  ///< of its header
    Bytes body;              ///< put together, where it came in parts
};

/// Bytes from outside, packet by packet. No packet has more bytes than the input, so the input's size is the bound.
class PacketReader {
public:
    /// `what` names the bytes in errors.
    PacketReader(ByteSpan bytes, std::string what) : reader_(bytes, what), what_(std::move(what)) {}

    [[nodiscard]] bool at_end() const { return reader_.remaining() == 0; }
    Result<Packet> next();

private:
    Status old_format(std::uint8_t header, Packet& packet);
    Status new_format(Packet& packet);
    Status partial_bodies(std::uint8_t first, Packet& packet);
    Status take(std::size_t size, Packet& packet);

    Reader reader_;
    std::string what_;
};

/// The next byte.
Result<std::uint8_t> read_u8(Reader& reader);
/// A big-endian number of `size` bytes, at most 4.
Result<std::uint32_t> read_number(Reader& reader, std::size_t size);
/// A multiprecision integer, big-endian, as many bytes as its bits take (RFC 9580, section 3.2), at most 16,384 bits.
/// Old programs leave zeros in front of some numbers.
Result<ByteSpan> read_mpi(Reader& reader, std::string_view what);

}  // namespace hallmark::image_policy::openpgp
