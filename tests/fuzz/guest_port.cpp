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
    const guest_port::Evidence report{.source = guest_port::Source::kSimulated,
                                      .kind = guest_port::Kind::kSnpReport,
                                      .report = Bytes(16, 1),
                                      .certificates = Bytes(24, 0)};
    const guest_port::Evidence quote{.source = guest_port::Source::kSimulated,
                                     .kind = guest_port::Kind::kTdxQuote,
                                     .report = Bytes(20, 1),
                                     .event_log = Bytes(30, 2)};
    const std::array<guest_port::SecretOutcome, 2> outcomes{
        {{.resource = "kbs:///default/key/one", .granted = true},
         {.resource = "kbs:///default/key/two", .granted = false, .reason = "PolicyDeny: because"}}};
    const guest_port::Output output{.container = 1, .stream = guest_port::Stream::kStderr, .bytes = seed("a line\n")};
    const std::array<guest_port::ContainerEnd, 2> ends{
        {{.name = "main", .exit_status = 137, .lost = 4096},
         {.name = "other", .exit_status = 125, .reason = "the image is not there"}}};
    guest_port::ExtendRequest extend;
    extend.register_index = guest_port::kGuestRegister;
    const Bytes challenge = guest_port::encode({Type::kChallenge, 7, Bytes(64, 2)});
    Bytes two = guest_port::encode({Type::kReady, 0, seed("hallmark-guest 0.1.0")});
    append(two, guest_port::encode({Type::kEvidence, 7, guest_port::encode_evidence(report)}));
    return {challenge,
            two,
            guest_port::encode({Type::kAttested, 8, guest_port::encode_evidence(quote)}),
            guest_port::encode({Type::kAttestRequest, 9, Bytes(sizeof(guest_port::AttestRequest))}),
            guest_port::encode({Type::kExtendRequest, 10, Bytes(as_bytes(extend).begin(), as_bytes(extend).end())}),
            guest_port::encode({Type::kSecretOutcomes, 11, guest_port::encode_outcomes(outcomes)}),
            guest_port::encode({Type::kOutput, 0, guest_port::encode_output(output)}),
            guest_port::encode({Type::kPodEnded, 0, guest_port::encode_ends(ends)}),
            guest_port::encode({Type::kPowerOff, 8, {}})};
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
    if (!evidence) return;
    require(equal(guest_port::encode_evidence(*evidence), payload), "evidence is written as it was read");
    const bool quote = evidence->kind == guest_port::Kind::kTdxQuote;
    require(quote ? evidence->certificates.empty() : evidence->event_log.empty(), "each kind has one form");
}

void attempt_outcomes(ByteSpan payload) {
    const auto outcomes = guest_port::parse_outcomes(payload);
    if (!outcomes) return;
    require(outcomes->size() <= guest_port::kMostSecrets, "outcomes are few");
    require(equal(guest_port::encode_outcomes(*outcomes), payload), "outcomes are written as they were read");
    for (const auto& outcome : *outcomes)
        for (const char c : outcome.resource + outcome.reason) require(c >= 0x20 && c < 0x7f, "texts are printable");
}

void attempt_pod(ByteSpan payload) {
    if (const auto output = guest_port::parse_output(payload)) {
        require(equal(guest_port::encode_output(*output), payload), "output is written as it was read");
        require(output->container < guest_port::kMostContainers, "output is of a container that can be");
        require(!output->bytes.empty() && output->bytes.size() <= guest_port::kLargestOutput, "output is bounded");
    }
    const auto ends = guest_port::parse_ends(payload);
    if (!ends) return;
    require(!ends->empty() && ends->size() <= guest_port::kMostContainers, "containers are few");
    require(equal(guest_port::encode_ends(*ends), payload), "ends are written as they were read");
    for (const auto& end : *ends)
        for (const char c : end.name + end.reason) require(c >= 0x20 && c < 0x7f, "texts are printable");
}

void attempt_requests(ByteSpan payload) {
    if (const auto request = guest_port::parse_attest_request(payload))
        require(equal(as_bytes(*request), payload), "a request is read whole");
    if (const auto request = guest_port::parse_extend_request(payload)) {
        require(equal(as_bytes(*request), payload), "a request is read whole");
        require(request->register_index == guest_port::kGuestRegister, "no other register is the guest's");
    }
}

void attempt(ByteSpan input) {
    Bytes at_once;
    Bytes in_pieces;
    const bool good = decode(input, input.size(), at_once);
    require(decode(input, 5, in_pieces) == good, "a stream is ours or not, however it comes");
    require(at_once == in_pieces, "frames are the same, however they come");
    require(at_once.size() <= input.size() && equal(at_once, input.first(at_once.size())), "frames are what was sent");
    for (const std::size_t front : {std::size_t{0}, sizeof(guest_port::FrameHeader)}) {
        if (input.size() < front) continue;
        attempt_evidence(input.subspan(front));
        attempt_outcomes(input.subspan(front));
        attempt_pod(input.subspan(front));
        attempt_requests(input.subspan(front));
    }
}

}  // namespace

const Target kTarget{.largest = 72 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
