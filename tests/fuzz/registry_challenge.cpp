// SPDX-License-Identifier: Apache-2.0
// Attacker: a registry, and whoever answers in its place: WWW-Authenticate says where to get a token, and the token
// server's answer becomes a header.
// Size cap: 8 KiB, which is the program's own.
#include <string>

#include "agent/registry/blob.hpp"
#include "agent/registry/challenge.hpp"
#include "agent/registry/token.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed(R"(Bearer realm="https://auth.example/token",service="r.example",scope="repository:a:pull")"),
        seed(R"(Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"", Negotiate YWJj==)"),
        seed(R"({"token":"abc","expires_in":300})"),
        seed("bytes 5-9/10"),
    };
}

void attempt(ByteSpan input) {
    const auto text = text_of(input);
    if (const auto challenges = registry::parse_challenges(text))
        for (const auto& challenge : *challenges) {
            require(!challenge.scheme.empty(), "a challenge has a scheme");
            const auto request = registry::token_request(challenge, "a", nullptr);
            if (!request) continue;
            require(request->url.starts_with("http"), "a token is asked for over HTTP");
            require(request->url.find_first_of(" \r\n") == std::string::npos, "an address is one line");
        }
    if (const auto token = registry::parse_token(input, "t"))
        for (const auto byte : token->value.bytes()) require(byte > ' ' && byte < 0x7f, "a token is one word");
    if (const auto range = registry::ContentRange::parse(text))
        require(range->first <= range->last, "a range has bytes");
}

}  // namespace

const Target kTarget{.largest = 8192, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
