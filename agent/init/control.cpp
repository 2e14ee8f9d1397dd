// SPDX-License-Identifier: Apache-2.0
#include "agent/init/control.hpp"

#include <algorithm>
#include <string>

#include "agent/ports/text.hpp"

namespace hallmark::guest {
namespace {

using guest_port::Challenge;
using guest_port::Frame;
using guest_port::Type;

Frame failure(std::uint32_t request, std::string_view why) {
    return {.type = Type::kFailure, .request = request, .payload = text_payload(why)};
}

Frame challenged(const Frame& message, Attester* attester) {
    if (message.payload.size() != sizeof(Challenge))
        return failure(message.request, "challenge of " + std::to_string(message.payload.size()) + " bytes, expected " +
                                            std::to_string(sizeof(Challenge)));
    if (attester == nullptr) return failure(message.request, "this guest has no evidence source");
    ReportData report_data{};
    std::copy(message.payload.begin(), message.payload.end(), report_data.begin());
    const auto evidence = attester->attest(report_data);
    if (!evidence) return failure(message.request, evidence.error().message);
    return {.type = Type::kEvidence, .request = message.request, .payload = guest_port::encode_evidence(*evidence)};
}

}  // namespace

Frame ready(const Attester* attester) {
    const std::string source = attester == nullptr ? "none" : attester->name();
    return {.type = Type::kReady,
            .request = 0,
            .payload = text_payload("hallmark-guest " HALLMARK_VERSION " evidence=" + source)};
}

Reply reply_to(const Frame& message, Attester* attester) {
    switch (message.type) {
        case Type::kChallenge:
            return {.answer = challenged(message, attester)};
        case Type::kPowerOff:
            return {.answer = {.type = Type::kReady, .request = message.request, .payload = text_payload("power off")},
                    .power_off = true};
        default:
            return {.answer = failure(message.request, "message of unknown type " +
                                                           std::to_string(static_cast<unsigned>(message.type)))};
    }
}

}  // namespace hallmark::guest
