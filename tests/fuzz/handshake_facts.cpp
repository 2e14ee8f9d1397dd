// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever answers a guest in place of its broker, and wants to steer the terminal of a person.
// Size cap: 16 KiB of claims; a token has at most 128 KiB.
#include "agent/handshake/facts.hpp"

#include <string>

#include "agent/handshake/account.hpp"
#include "common/base64.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::time_t kNow = 1'800'000'000;

std::vector<Bytes> seeds() {
    return {
        seed(R"({"iat":1800000000,"exp":1800000300,"submods":{"cpu0":{"ear.status":"affirming",)"
             R"("ear.trustworthiness-vector":{"executables":3,"hardware":2,"configuration":3},)"
             R"("ear.appraisal-policy-id":"default","ear.hallmark.simulated-tee":true}}})"),
        seed(R"({"iat":1.5,"exp":"x"})"),
        seed("[]"),
    };
}

void attempt(ByteSpan input) {
    (void)handshake::verdict_in(text_of(input), kNow);
    const auto verdict = handshake::verdict_in("e30." + to_base64url(input) + ".AA", kNow);
    if (!verdict) return;
    handshake::Account account{.broker = "https://kbs.example", .protocol = "0.4.0"};
    account.steps.push_back({.name = "attest", .got = verdict->status, .facts = verdict->facts});
    const std::string text = handshake::text_of(account);
    require(text.size() < 16 * 1024, "an account is bounded");
    for (const char c : text) require(c == '\n' || (c >= ' ' && c <= '~'), "an account steers no terminal");
    require(!handshake::json_of(account).dump().empty(), "an account is JSON too");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
