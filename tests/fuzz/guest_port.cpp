// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest that answers its challenger, and a host that writes to the ports of a guest.
// Size cap: 72 KiB, a frame of the largest payload and another one behind it.
#include "common/formats/guest_port.hpp"

#include <algorithm>
#include <array>

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

using guest_port::Frame;
using guest_port::FrameDecoder;
using guest_port::Type;

std::vector<Bytes> seeds() {
    const guest_port::Evidence evidence{guest_port::Source::kSimulated, Bytes(16, 1), Bytes(24, 0)};
    const Bytes challenge = guest_port::encode({Type::kChallenge, 7, Bytes(64, 2)});
    Bytes two = guest_port::encode({Type::kReady, 0, seed("hallmark-guest 0.1.0")});
    append(two, guest_port::encode({Type::kEvidence, 7, guest_port::encode_evidence(evidence)}));
    return {challenge, two, guest_port::encode({Type::kPowerOff, 8, {}})};
}

/// The frames of a stream that comes in pieces; false where it turned out not to be ours.
bool decode(ByteSpan stream, std::size_t piece, Bytes& frames) {
    FrameDecoder decoder;
    while (!stream.empty()) {
        const auto size = std::min(piece, stream.size());
        decoder.add(stream.first(size));
        stream = stream.subspan(size);
        Frame frame;
        for (;;) {
            const auto whole = decoder.next(frame);
            if (!whole) return false;
            if (!*whole) break;
            require(frame.payload.size() <= guest_port::kLargestPayload, "no frame is larger than the largest");
            append(frames, guest_port::encode(frame));
        }
    }
    return true;
}

void attempt_evidence(ByteSpan payload) {
    const auto evidence = guest_port::parse_evidence(payload);
    if (evidence) require(equal(guest_port::encode_evidence(*evidence), payload), "evidence is written as it was read");
}

void attempt(ByteSpan input) {
    Bytes at_once;
    Bytes in_pieces;
    const bool good = decode(input, input.size(), at_once);
    require(decode(input, 5, in_pieces) == good, "a stream is ours or not, however it comes");
    require(at_once == in_pieces, "frames are the same, however they come");
    require(at_once.size() <= input.size() && equal(at_once, input.first(at_once.size())), "frames are what was sent");
    attempt_evidence(input);
    if (input.size() > sizeof(guest_port::FrameHeader))
        attempt_evidence(input.subspan(sizeof(guest_port::FrameHeader)));
}

}  // namespace

const Target kTarget{.largest = 72 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
