// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/packet.hpp"

#include <utility>

#include "common/hex.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

constexpr std::uint8_t kAlwaysSet = 0x80;
constexpr std::uint8_t kNewFormat = 0x40;
constexpr std::size_t kMostMpiBits = 16384;
/// RFC 9580, section 4.2.1.4: the first part of a body in parts has at least so many bytes.
constexpr std::size_t kSmallestFirstPart = 512;

/// Only what holds data may be written before its length is known.
bool may_stream(Tag tag) { return tag == Tag::kLiteralData || tag == Tag::kCompressedData; }

}  // namespace

std::string name_of(Tag tag) {
    switch (tag) {
        case Tag::kSignature:
            return "signature packet";
        case Tag::kOnePassSignature:
            return "one-pass signature packet";
        case Tag::kSecretKey:
            return "secret key packet";
        case Tag::kPublicKey:
            return "public key packet";
        case Tag::kSecretSubkey:
            return "secret subkey packet";
        case Tag::kCompressedData:
            return "compressed data packet";
        case Tag::kMarker:
            return "marker packet";
        case Tag::kLiteralData:
            return "literal data packet";
        case Tag::kTrust:
            return "trust packet";
        case Tag::kUserId:
            return "user ID packet";
        case Tag::kPublicSubkey:
            return "public subkey packet";
        case Tag::kUserAttribute:
            return "user attribute packet";
        case Tag::kPadding:
            return "padding packet";
    }
    return "packet " + std::to_string(static_cast<unsigned>(tag));
}

Result<std::uint8_t> read_u8(Reader& reader) {
    HALLMARK_TRY(const ByteSpan byte, reader.bytes(1));
    return byte[0];
}

Result<std::uint32_t> read_number(Reader& reader, std::size_t size) {
    HALLMARK_TRY(const ByteSpan bytes, reader.bytes(size));
    std::uint32_t number = 0;
    for (const auto byte : bytes) number = number << 8 | byte;
    return number;
}

Result<ByteSpan> read_mpi(Reader& reader, std::string_view what) {
    const std::size_t offset = reader.offset();
    HALLMARK_TRY(const std::uint32_t bits, read_number(reader, 2));
    if (bits == 0 || bits > kMostMpiBits)
        return bad_input(std::string(what) + ": offset " + hex_number(offset) + ": a number of " +
                         std::to_string(bits) + " bits, expected 1 to " + std::to_string(kMostMpiBits));
    return reader.bytes((bits + 7) / 8);
}

Result<Packet> PacketReader::next() {
    Packet packet;
    packet.offset = reader_.offset();
    HALLMARK_TRY(const std::uint8_t header, read_u8(reader_));
    if ((header & kAlwaysSet) == 0)
        return bad_input(what_ + ": offset " + hex_number(packet.offset) + ": found " + hex_number(header, 2) +
                         ", expected the header of an OpenPGP packet");
    const bool is_new = (header & kNewFormat) != 0;
    packet.tag = static_cast<Tag>(is_new ? header & 0x3f : header >> 2 & 0x0f);
    if (packet.tag == Tag{})
        return bad_input(what_ + ": offset " + hex_number(packet.offset) + ": a packet of the reserved type 0");
    if (is_new)
        HALLMARK_CHECK(new_format(packet));
    else
        HALLMARK_CHECK(old_format(header, packet));
    return packet;
}

Status PacketReader::take(std::size_t size, Packet& packet) {
    HALLMARK_TRY(const ByteSpan body, reader_.bytes(size));
    append(packet.body, body);
    return {};
}

Status PacketReader::old_format(std::uint8_t header, Packet& packet) {
    const unsigned length_type = header & 3U;
    if (length_type < 3) {
        HALLMARK_TRY(const std::uint32_t size, read_number(reader_, std::size_t{1} << length_type));
        return take(size, packet);
    }
    if (!may_stream(packet.tag))
        return bad_input(what_ + ": offset " + hex_number(packet.offset) + ": a " + name_of(packet.tag) +
                         " of indeterminate length, which only data may have");
    return take(reader_.remaining(), packet);
}

Status PacketReader::new_format(Packet& packet) {
    HALLMARK_TRY(const std::uint8_t first, read_u8(reader_));
    if (first < 192) return take(first, packet);
    if (first < 224) {
        HALLMARK_TRY(const std::uint8_t second, read_u8(reader_));
        return take(((first - 192U) << 8) + second + 192, packet);
    }
    if (first == 255) {
        HALLMARK_TRY(const std::uint32_t size, read_number(reader_, 4));
        return take(size, packet);
    }
    return partial_bodies(first, packet);
}

Status PacketReader::partial_bodies(std::uint8_t first, Packet& packet) {
    const std::size_t size = std::size_t{1} << (first & 0x1fU);
    if (!may_stream(packet.tag))
        return bad_input(what_ + ": offset " + hex_number(packet.offset) + ": a " + name_of(packet.tag) +
                         " in parts, which only data may come in");
    if (packet.body.empty() && size < kSmallestFirstPart)
        return bad_input(what_ + ": offset " + hex_number(packet.offset) + ": a first part of " + std::to_string(size) +
                         " bytes, expected at least " + std::to_string(kSmallestFirstPart));
    HALLMARK_CHECK(take(size, packet));
    for (;;) {
        HALLMARK_TRY(const std::uint8_t next, read_u8(reader_));
        if (next >= 224 && next < 255) {
            HALLMARK_CHECK(take(std::size_t{1} << (next & 0x1fU), packet));
            continue;
        }
        if (next < 192) return take(next, packet);
        if (next == 255) {
            HALLMARK_TRY(const std::uint32_t rest, read_number(reader_, 4));
            return take(rest, packet);
        }
        HALLMARK_TRY(const std::uint8_t second, read_u8(reader_));
        return take(((next - 192U) << 8) + second + 192, packet);
    }
}

}  // namespace hallmark::image_policy::openpgp
