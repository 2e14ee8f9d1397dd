// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever answers a guest in place of its broker: the network, the host.
// Size cap: 16 KiB; the parts have limits of their own.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/kbs/broker.hpp"
#include "common/kbs/messages.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

const jose::KeyPair& key() {
    static const auto kKey = jose::KeyPair::generate(jose::KeyKind::kP256);
    require(kKey.has_value(), "a key pair is made");
    return *kKey;
}

std::vector<Bytes> seeds() {
    return {
        seed(R"({"nonce":"4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8=","extra-params":""})"),
        seed(R"({"nonce":"AAAA","extra-params":{"selected-hash-algorithm":"sha384"}})"),
        seed(R"({"token":"eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"})"),
        seed(R"({"type":"https://github.com/confidential-containers/kbs/errors/PolicyDeny","detail":"no"})"),
        seed("lb=1; Path=/\nkbs-session-id=0a1b; Path=/kbs/v0; HttpOnly\n"),
        seed("default/key/one"),
        seed(R"({"protected":"e30","encrypted_key":"AA","iv":"AAAAAAAAAAAAAAAA","ciphertext":"","tag":"AA"})"),
    };
}

/// One line that can't steer a terminal.
bool is_printable(std::string_view text) {
    for (const char c : text)
        if (c < ' ' || c > '~') return false;
    return true;
}

void try_cookies(std::string_view text) {
    std::vector<std::string> cookies;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        cookies.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    const auto cookie = kbs::session_cookie_of(cookies);
    if (!cookie || !cookie->has_value()) return;
    require((*cookie)->starts_with("kbs-session-id=") && (*cookie)->find_first_of(" ;,\"\\") == std::string::npos &&
                is_printable(**cookie),
            "a cookie is one pair that fits into a header");
}

void attempt(ByteSpan input) {
    const auto text = text_of(input);
    if (const auto nonce = kbs::parse_challenge(text)) {
        require(kbs::report_data_of(*nonce, key().public_key()).has_value(), "every nonce that is taken can be bound");
        const auto body = parse_json(kbs::attest_request(*nonce, key().public_key(), Json::object()), "attest");
        require(body && (*body)["runtime-data"]["nonce"] == *nonce, "and comes back as it came");
    }
    if (const auto token = kbs::parse_token(text)) require(is_printable(*token), "a token fits into a header");
    const auto refusal = kbs::read_refusal(input);
    require(is_printable(kbs::line_of(refusal)) && kbs::line_of(refusal).size() < 2048,
            "a refusal is one bounded line");
    try_cookies(text);
    require(!kbs::open_resource(text, key()), "nobody who does not know the key encrypts to it");
    if (kbs::check_resource_path(text))
        require(text.find("..") != 0 && is_printable(text), "a path goes into no other");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
