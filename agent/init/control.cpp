// SPDX-License-Identifier: Apache-2.0
#include "agent/init/control.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/ports/text.hpp"

namespace hallmark::guest {
namespace {

using guest_port::Challenge;
using guest_port::failure;
using guest_port::Frame;
using guest_port::Type;

Frame challenged(const Frame& message, Attester* attester) {
    if (message.payload.size() != sizeof(Challenge))
        return failure(message.request, "challenge of " + std::to_string(message.payload.size()) + " bytes, expected " +
                                            std::to_string(sizeof(Challenge)));
    if (attester == nullptr) return failure(message.request, "this guest has no evidence source");
    Challenge challenge;
    std::copy(message.payload.begin(), message.payload.end(), challenge.nonce.begin());
    // Never over the host's own bytes: see report_data_for().
    const auto evidence = attester->attest(guest_port::report_data_for(challenge));
    if (!evidence) return failure(message.request, evidence.error().message);
    Bytes payload = guest_port::encode_evidence(*evidence);
    // Whoever runs in the guest makes its event log longer; that must not end the guest.
    if (payload.size() > guest_port::kLargestPayload)
        return failure(message.request, "evidence of " + std::to_string(payload.size()) + " bytes, a message holds " +
                                            std::to_string(guest_port::kLargestPayload));
    return {.type = Type::kEvidence, .request = message.request, .payload = std::move(payload)};
}

Reply scrubbed(const Frame& message, RootReader read_root) {
    const auto size = read_root();
    // Nothing is to be done any more by a guest whose root is not the measured one.
    if (!size) return {.answer = failure(message.request, size.error().message), .power_off = true};
    return {.answer = {.type = Type::kReady,
                       .request = message.request,
                       .payload = text_payload(std::to_string(*size) + " bytes of the root are as measured")}};
}

}  // namespace

Frame ready(const Attester* attester) {
    const std::string source = attester == nullptr ? "none" : attester->name();
    return {.type = Type::kReady,
            .request = 0,
            .payload = text_payload("hallmark-guest " HALLMARK_VERSION " evidence=" + source)};
}

Reply reply_to(const Frame& message, Attester* attester, RootReader read_root) {
    switch (message.type) {
        case Type::kChallenge:
            return {.answer = challenged(message, attester)};
        case Type::kPowerOff:
            return {.answer = {.type = Type::kReady, .request = message.request, .payload = text_payload("power off")},
                    .power_off = true};
        case Type::kScrub:
            return scrubbed(message, read_root);
        default:
            return {.answer = failure(message.request, "message of unknown type " +
                                                           std::to_string(static_cast<unsigned>(message.type)))};
    }
}

}  // namespace hallmark::guest
