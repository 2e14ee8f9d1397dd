// SPDX-License-Identifier: Apache-2.0
// An event of measured boot as it is predicted, with the digest of each bank.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/formats/event_log.hpp"

namespace hallmark::tpm {

using event_log::Algorithm;
using event_log::EventType;

/// The banks that are predicted.
struct Digests {
    Sha256 sha256{};
    Sha384 sha384{};

    /// The digest of a bank; empty for any other algorithm.
    [[nodiscard]] ByteSpan of(Algorithm algorithm) const {
        if (algorithm == Algorithm::kSha256) return sha256;
        if (algorithm == Algorithm::kSha384) return sha384;
        return {};
    }
};

/// The digests of bytes in every bank.
[[nodiscard]] inline Digests digest(ByteSpan bytes) { return {hallmark::sha256(bytes), hallmark::sha384(bytes)}; }

struct Event {
    std::uint32_t pcr = 0;
    EventType type{};
    std::string name;    ///< "separator", "variable PK", "section .linux"
    std::string covers;  ///< what the digest is taken over, in words
    Digests digests{};
};

/// An event over bytes that are known as such.
[[nodiscard]] inline Event event_over(std::uint32_t pcr, EventType type, std::string name, std::string covers,
                                      ByteSpan bytes) {
    return {pcr, type, std::move(name), std::move(covers), digest(bytes)};
}

/// What a boot will extend, as far as it follows from what is known.
struct Prediction {
    std::vector<Event> events;               ///< in their order
    std::vector<std::uint32_t> complete;     ///< PCRs of which every event is among them; others get more
    std::vector<std::string> assumptions;    ///< what was taken for granted
    std::vector<std::string> not_predicted;  ///< which events are missing, and why
};

}  // namespace hallmark::tpm
