// SPDX-License-Identifier: Apache-2.0
// What happened between a guest and its key broker, step by step, for people and for programs. No secret is in it, and
// nothing computed from one but its size.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/json.hpp"
#include "common/kbs/guest_client.hpp"

namespace hallmark::handshake {

struct Step {
    std::string name;                                          ///< "tee", "auth", "evidence", "attest", "resource"
    std::optional<kbs::Exchange> exchange{};                   ///< with the broker, where it was asked
    std::string sent{};                                        ///< what it was asked, in words
    std::string got{};                                         ///< what came of it; empty where it failed
    std::vector<std::pair<std::string, std::string>> facts{};  ///< of what came
    std::string why{};                                         ///< it failed; empty where it didn't
    std::string remedy{};
};

enum class Outcome {
    kGranted,
    kRefused,  ///< the broker, or its verdict, says no
    kFailed,   ///< there was no answer, or none that can be used
};

struct Account {
    std::string broker;    ///< its address
    std::string protocol;  ///< version of the KBS protocol
    std::vector<Step> steps{};
    Outcome outcome = Outcome::kFailed;
};

/// Lines of printable ASCII, whatever the broker sent.
std::string text_of(const Account& account);

/// {"broker", "protocol", "outcome": "granted" | "refused" | "failed", "steps": [{"name", "sent", "got", "facts",
/// "exchange": {"method", "url", "sent_bytes", "status", "received_bytes", "error_type", "error_detail"}, "why",
/// "remedy"}]}; what a step has not is missing.
Json json_of(const Account& account);

}  // namespace hallmark::handshake
