// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest, or anyone on the network, who sends a key broker whatever request they like.
// Size cap: 16 KiB; a request with its headers and body.
#include <string>
#include <utility>

#include "common/hex.hpp"
#include "relying-party/broker/broker.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/fake_relying_party.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::string_view kSecret = "not for anyone";

/// Method, target, cookie, authorization, each in a line; then the body. COOKIE and NONCE stand for those of a session
/// that has just begun.
std::vector<Bytes> seeds() {
    const std::string key =  // of RFC 7517, appendix A.1
        R"({"kty":"EC","alg":"ECDH-ES+A256KW","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
        R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})";
    const std::string evidence = R"({"report_data":"00","good":true})";
    const std::string attest = R"({"init-data":{"format":"toml","body":"version = \"0.1.0\""},"runtime-data":{)"
                               R"("nonce":"NONCE","tee-pubkey":)" +
                               key + R"(},"tee-evidence":{"primary_evidence":)" + evidence +
                               R"(,"additional_evidence":""}})";
    const std::string policy = R"({"type":"toml","policy_id":"default_cpu","policy":"YSA9IDE"})";
    const std::string token = R"(token {"affirming":true,"runtime":{"tee-pubkey":)" + key + "}}";
    return {
        seed("POST\n/kbs/v0/attest\nkbs-session-id=COOKIE\n\n" + attest),
        seed("POST\n/kbs/v0/auth\n\n\n{\"version\":\"0.4.0\",\"tee\":\"snp\",\"extra-params\":"
             "{\"supported-hash-algorithms\":[\"sha384\"]}}"),
        seed("GET\n/kbs/v0/resource/open/a/b\nkbs-session-id=COOKIE\nBearer " + token + "\n"),
        seed("GET\n/kbs/v0/resource/shut/a/b\n\nBearer " + token + "\n"),
        seed("POST\n/kbs/v0/attestation-policy\n\nBearer admin\n" + policy),
        seed("GET\n/kbs/v0/reference-value/snp%2Flaunch?x\n\nBearer admin\n"),
        seed("DELETE\n/kbs/v0/resource/open/a/b\n\nBearer admin\n"),
        seed("GET\n/.well-known/jwks.json\n\n\n"),
    };
}

std::string_view next_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return line;
}

std::string replaced(std::string_view text, std::string_view name, const std::string& value) {
    std::string result(text);
    if (const auto at = result.find(name); at != std::string::npos) result.replace(at, name.size(), value);
    return result;
}

void attempt(ByteSpan input) {
    test::FakeRelyingParty party;
    const auto shut = keys::ResourcePath::parse("shut/a/b").value();
    require(party.store.write(shut, as_bytes(kSecret)).has_value(), "the secret is stored");
    broker::Broker broker(party.services());
    const auto begun = broker.handle(
        {"POST", "/kbs/v0/auth", "", "", R"({"version":"0.4.0","tee":"snp","extra-params":""})", "192.0.2.1"});
    constexpr std::size_t kCookieAt = std::string_view("kbs-session-id=").size();
    const auto cookie = begun.set_cookie.substr(kCookieAt, 32);
    const auto nonce = parse_json(begun.body, "auth").value_or(Json::object()).value("nonce", "");

    auto rest = text_of(input);
    const auto method = next_line(rest);
    const auto target = next_line(rest);
    const auto sent_cookie = replaced(next_line(rest), "COOKIE", cookie);
    const auto authorization = next_line(rest);
    const auto body = replaced(rest, "NONCE", nonce);
    for (int i = 0; i < 2; ++i) {  // the second time the nonce is gone
        const auto response = broker.handle({method, target, sent_cookie, authorization, body, "192.0.2.1"});
        require(response.status == 200 || response.status == 401 || response.status == 404, "a known status");
        require(response.body.find(to_hex(as_bytes(kSecret))) == std::string::npos &&
                    response.body.find(kSecret) == std::string::npos,
                "nothing that the policy shuts is released");
        if (response.status != 200) require(parse_json(response.body, "error").has_value(), "an error is JSON");
    }
    require(party.verifications <= 1, "a nonce is used once");
}

}  // namespace

const Target kTarget{.largest = std::size_t{16} * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
