// SPDX-License-Identifier: Apache-2.0
// Attacker: a host that writes what it likes to the control port of a guest.
// Size cap: 4 KiB; the largest message that means anything has 64 bytes of payload.
#include "agent/init/control.hpp"

#include <algorithm>

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

using guest_port::Frame;
using guest_port::Type;

/// Puts the caller's data where a report has them.
class EchoingAttester : public guest::Attester {
public:
    [[nodiscard]] std::string name() const override { return "echo"; }
    Result<guest_port::Evidence> attest(const guest::ReportData& report_data) override {
        return guest_port::Evidence{.source = guest_port::Source::kSimulated,
                                    .kind = guest_port::Kind::kTdxQuote,
                                    .report = Bytes(report_data.begin(), report_data.end())};
    }
    Status extend(const Sha384&) override {
        extended = true;
        return {};
    }
    bool extended = false;
};

Result<std::uint64_t> read_root() { return 4096; }

std::vector<Bytes> seeds() {
    return {guest_port::encode({Type::kChallenge, 7, Bytes(64, 2)}), guest_port::encode({Type::kPowerOff, 8, {}}),
            guest_port::encode({Type::kScrub, 10, {}}), guest_port::encode({Type::kSecrets, 12, {}}),
            guest_port::encode({static_cast<Type>(0x7777), 9, Bytes(1, 1)})};
}

void attempt(ByteSpan input) {
    guest_port::FrameDecoder decoder;
    decoder.add(input);
    EchoingAttester attester;
    Frame message;
    for (;;) {
        const auto whole = decoder.next(message);
        if (!whole || !*whole) return;
        const auto reply = guest::reply_to(message, &attester, read_root);
        require(reply.answer.request == message.request, "an answer carries the number of its request");
        require(reply.power_off == (message.type == Type::kPowerOff), "only a request to power off does");
        require(!attester.extended, "the host extends no register of the guest");
        if (reply.answer.type != Type::kEvidence) continue;
        const auto evidence = guest_port::parse_evidence(reply.answer.payload);
        guest_port::Challenge challenge;
        std::copy(message.payload.begin(), message.payload.end(), challenge.nonce.begin());
        require(evidence && equal(evidence->report, guest_port::report_data_for(challenge)),
                "evidence is over the challenge, in the domain of this port");
    }
}

}  // namespace

const Target kTarget{.largest = 4096, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
