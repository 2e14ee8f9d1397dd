// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/message.hpp"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "agent/image-policy/openpgp/packet.hpp"
#include "common/gunzip.hpp"
#include "common/hex.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

constexpr std::size_t kMostPackets = 8;

/// RFC 9580, section 5.4, of version 3, which goes with signatures of version 4.
constexpr std::uint8_t kOnePassVersion = 3;
constexpr std::size_t kOnePassSize = 13;

Result<Bytes> decompress(ByteSpan body, const std::string& what) {
    if (body.empty()) return bad_input(what + ": compressed data of no bytes");
    const ByteSpan data = body.subspan(1);
    switch (body[0]) {
        case 0:
            return Bytes(data.begin(), data.end());
        case 1:
            return inflate(data, Wrapping::kNone, kLargestMessage, what);
        case 2:
            return inflate(data, Wrapping::kZlib, kLargestMessage, what);
        default:
            break;
    }
    return bad_input(what + ": compression algorithm " + std::to_string(body[0]) + ", expected ZIP or ZLIB");
}

Result<std::vector<Packet>> packets_of(ByteSpan message, const std::string& what) {
    PacketReader reader(message, what);
    std::vector<Packet> packets;
    while (!reader.at_end()) {
        HALLMARK_TRY(Packet packet, reader.next());
        if (packet.tag == Tag::kMarker || packet.tag == Tag::kPadding) continue;
        packets.push_back(std::move(packet));
        if (packets.size() > kMostPackets)
            return bad_input(what + ": more than " + std::to_string(kMostPackets) + " packets");
    }
    return packets;
}

/// The data behind format, file name and date, which are not signed.
Result<Bytes> literal(const Packet& packet, const std::string& what) {
    Reader reader(packet.body, what + ": literal data");
    HALLMARK_CHECK(read_u8(reader));
    HALLMARK_TRY(const std::uint8_t name_size, read_u8(reader));
    HALLMARK_CHECK(reader.bytes(name_size));
    HALLMARK_CHECK(reader.bytes(4));
    HALLMARK_TRY(const ByteSpan data, reader.bytes(reader.remaining()));
    return Bytes(data.begin(), data.end());
}

/// What it announces is what the signature behind the data says.
Status check_one_pass(const Packet& packet, const Signature& signature, const std::string& what) {
    const ByteSpan body = packet.body;
    const std::array<std::uint8_t, 4> expected = {kOnePassVersion, static_cast<std::uint8_t>(signature.type),
                                                  static_cast<std::uint8_t>(signature.hash),
                                                  static_cast<std::uint8_t>(signature.algorithm)};
    if (body.size() != kOnePassSize || !equal(body.first(expected.size()), expected) || body.back() != 1)
        return bad_input(what + ": the one-pass signature packet does not fit its signature");
    const ByteSpan key_id = body.subspan(expected.size(), 8);
    if (signature.says.issuer && !equal(key_id, *signature.says.issuer))
        return bad_input(what + ": the one-pass signature packet names key " + to_upper_hex(key_id) +
                         ", its signature key " + signature.issuer());
    return {};
}

std::string tags_of(const std::vector<Packet>& packets) {
    std::string names;
    for (const auto& packet : packets) names += (names.empty() ? "" : ", ") + name_of(packet.tag);
    return names.empty() ? "nothing" : names;
}

Result<SignedMessage> assemble(const std::vector<Packet>& packets, const std::string& what) {
    const bool one_pass = packets.size() == 3 && packets[0].tag == Tag::kOnePassSignature &&
                          packets[1].tag == Tag::kLiteralData && packets[2].tag == Tag::kSignature;
    const bool in_front =
        packets.size() == 2 && packets[0].tag == Tag::kSignature && packets[1].tag == Tag::kLiteralData;
    if (!one_pass && !in_front)
        return bad_input(what + ": found " + tags_of(packets) + "; expected data with one signature");
    HALLMARK_TRY(Bytes data, literal(packets[1], what));
    HALLMARK_TRY(Signature signature, Signature::parse(packets[one_pass ? 2 : 0].body, what));
    if (one_pass) HALLMARK_CHECK(check_one_pass(packets[0], signature, what));
    return SignedMessage{std::move(signature), std::move(data)};
}

}  // namespace

Result<SignedMessage> parse_message(ByteSpan message, const std::string& what) {
    if (message.size() > kLargestMessage)
        return bad_input(what + ": " + std::to_string(message.size()) + " bytes, expected a signature of at most " +
                         std::to_string(kLargestMessage));
    HALLMARK_TRY(std::vector<Packet> packets, packets_of(message, what));
    if (packets.size() == 1 && packets[0].tag == Tag::kCompressedData) {
        HALLMARK_TRY(const Bytes inner, decompress(packets[0].body, what));
        HALLMARK_TRY(packets, packets_of(inner, what + ": decompressed"));
    }
    return assemble(packets, what);
}

}  // namespace hallmark::image_policy::openpgp
