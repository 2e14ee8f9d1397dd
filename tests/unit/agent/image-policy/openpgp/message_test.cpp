// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/message.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_openpgp.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

using test::expect_error;
using namespace test::pgp;

const Signer& owner() {
    static const Signer kSigner = make_signer("Ed25519Legacy");
    return kSigner;
}

/// Algorithm 1 has no header of zlib, 2 has one.
Bytes compressed(ByteSpan content, std::uint8_t algorithm) {
    z_stream stream{};
    must(deflateInit2(&stream, 9, Z_DEFLATED, algorithm == 1 ? -15 : 15, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    Bytes out(deflateBound(&stream, content.size()));
    stream.next_in = const_cast<std::uint8_t*>(content.data());
    stream.avail_in = static_cast<unsigned>(content.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<unsigned>(out.size());
    must(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return packet(Tag::kCompressedData, joined({Bytes{algorithm}, out}));
}

TEST(ParseMessage, TakesBothOrdersAndBothCompressions) {
    const Bytes behind = message(owner(), "data");
    const Bytes in_front = joined({signature(owner(), {}, {as_bytes("data")}), literal_packet("data")});
    for (const Bytes& bytes :
         {behind, in_front, joined({packet(Tag::kMarker, as_bytes("PGP")), behind}), compressed(behind, 1),
          compressed(behind, 2), packet(Tag::kCompressedData, joined({Bytes{0}, in_front}))}) {
        const auto parsed = parse_message(bytes, "signature-1");
        ASSERT_TRUE(parsed) << parsed.error().message;
        EXPECT_TRUE(equal(parsed->data, as_bytes("data")));
        EXPECT_EQ(parsed->signature.issuer(), to_upper_hex(owner().id()));
    }
}

TEST(ParseMessage, RefusesOtherThanOneSignature) {
    const Bytes one = signature(owner(), {}, {as_bytes("data")});
    expect_error(parse_message({}, "signature-1"), {"found nothing", "data with one signature"});
    expect_error(parse_message(one, "signature-1"), {"found signature packet;"});
    expect_error(parse_message(literal_packet("data"), "signature-1"), {"found literal data packet;"});
    expect_error(parse_message(joined({one, one, literal_packet("data")}), "signature-1"), {"one signature"});
    expect_error(parse_message(joined({message(owner(), "data"), literal_packet("more")}), "signature-1"),
                 {"literal data packet, signature packet, literal data packet"});
    Bytes many;
    for (int i = 0; i < 9; ++i) append(many, literal_packet(""));
    expect_error(parse_message(many, "signature-1"), {"more than 8 packets"});
}

TEST(ParseMessage, RefusesAnAnnouncementThatDoesNotFit) {
    const Signer other = make_signer("Ed25519Legacy");
    const Bytes rest = joined({literal_packet("data"), signature(owner(), {}, {as_bytes("data")})});
    expect_error(parse_message(joined({one_pass_packet(other), rest}), "signature-1"),
                 {"names key " + to_upper_hex(other.id())});
    Making text;
    text.type = static_cast<SignatureType>(1);
    expect_error(parse_message(joined({one_pass_packet(owner(), text), rest}), "signature-1"), {"does not fit"});
}

TEST(ParseMessage, BoundsWhatItDecompresses) {
    const std::string large(kLargestMessage, ' ');
    expect_error(parse_message(compressed(message(owner(), large), 1), "signature-1"), {"more than 65536 bytes"});
    expect_error(parse_message(Bytes(kLargestMessage + 1, 0xca), "signature-1"), {"65537 bytes", "at most 65536"});
    expect_error(parse_message(packet(Tag::kCompressedData, Bytes{3, 1, 2}), "signature-1"),
                 {"compression algorithm 3", "ZIP or ZLIB"});
    expect_error(parse_message(packet(Tag::kCompressedData, Bytes{}), "signature-1"), {"no bytes"});
    const Bytes twice = compressed(compressed(message(owner(), "data"), 1), 1);
    expect_error(parse_message(twice, "signature-1"), {"found compressed data packet"});
}

}  // namespace
}  // namespace hallmark::image_policy::openpgp
