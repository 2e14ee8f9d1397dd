// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/sealed_secret.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/base64.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::hub {
namespace {

using test::expect_error;

// Made with python3-cryptography: the key of RFC 7515, appendix A.3.1, signs kPayload with the kid "one".
constexpr std::string_view kJwk = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                                  R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kPrivateJwk =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";
constexpr std::string_view kSealed =
    "sealed.eyJhbGciOiJFUzI1NiIsImtpZCI6Im9uZSJ9.eyJ2ZXJzaW9uIjoiMC4xLjAifQ.aVCseashgVgbGqFhMk0Yov6Rp_N2_"
    "4i7TYISsxq2Tcp6BDTQpfTZpv9XPY85rzpfzCNHpq_05KUzAS-5knnw9A";
constexpr std::string_view kPayload = R"({"version":"0.1.0"})";

Result<Secret> secret_of(std::string_view text) { return Secret(Bytes(text.begin(), text.end())); }
FindKey gives(std::string_view jwk) {
    return [jwk](const std::string& kid) {
        EXPECT_EQ(kid, "one");
        return secret_of(jwk);
    };
}
std::string vector_text(const std::filesystem::path& path) {
    const Bytes bytes = read_file(path, 4096).value();
    return {bytes.begin(), bytes.end()};
}
std::string with(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

TEST(SealedSecret, IsOfTheKeyThatSignedIt) {
    for (const auto jwk : {kJwk, kPrivateJwk}) {
        const auto payload = verified_payload(kSealed, gives(jwk));
        ASSERT_TRUE(payload) << payload.error().message;
        EXPECT_TRUE(equal(*payload, as_bytes(kPayload)));
    }
    const std::string_view other = R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
                                   R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})";
    expect_error(verified_payload(kSealed, gives(other)), {"signature"}, Fault::kNo);
    expect_error(verified_payload(kSealed, [](const std::string&) -> Result<Secret> { return refused("no such key"); }),
                 {"no such key"}, Fault::kNo);
}

TEST(SealedSecret, EverySignIsSigned) {
    for (std::size_t i = std::string_view("sealed.").size(); i < kSealed.size(); ++i) {
        std::string changed(kSealed);
        if (changed[i] == '.') continue;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(verified_payload(changed, [](const std::string&) { return secret_of(kJwk); })) << i;
    }
}

TEST(SealedSecret, OnlyEs256AndP256WillDo) {
    const auto header = [](std::string_view json) {
        const std::string text(kSealed);
        return "sealed." + to_base64url(as_bytes(json)) + text.substr(text.find('.', 7));
    };
    expect_error(verified_payload(header(R"({"alg":"none","kid":"one"})"), gives(kJwk)), {"alg", "ES256"}, Fault::kNo);
    expect_error(verified_payload(header(R"({"alg":"HS256","kid":"one"})"), gives(kJwk)), {"alg", "ES256"}, Fault::kNo);
    expect_error(verified_payload(header(R"({"alg":"ES256"})"), gives(kJwk)), {"header", "kid", "missing"});
    expect_error(
        verified_payload(kSealed,
                         gives(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})")),
        {"expected one on P-256"});
    expect_error(verified_payload(kSealed, gives("{}")), {"key of its signature", "kty"});
    expect_error(verified_payload(kSealed, gives("pem")), {"key of its signature", "JSON"});
}

TEST(SealedSecret, HasFourParts) {
    for (const std::string text : {"", "sealed.", "sealed.a.b", "sealed.a.b.c.d", "Sealed.a.b.c", "a.b.c.d"}) {
        expect_error(verified_payload(text, gives(kJwk)), {"sealed.HEADER.PAYLOAD.SIGNATURE"});
        expect_error(unverified_payload(text), {"sealed.HEADER.PAYLOAD.SIGNATURE"});
    }
    expect_error(verified_payload(std::string(kLargestSealedSecret + 1, 'x'), gives(kJwk)), {"at most"});
}

TEST(SealedSecret, UncheckedTheHeaderMayBeAnything) {
    const auto payload = unverified_payload("sealed.fakejwsheader.eyJ2ZXJzaW9uIjoiMC4xLjAifQ.fakesignature");
    ASSERT_TRUE(payload) << payload.error().message;
    EXPECT_TRUE(equal(*payload, as_bytes(kPayload)));
    expect_error(unverified_payload("sealed.a.=.c"), {"payload"});
}

TEST(SealedSecret, CocosOwnAreRead) {
    HALLMARK_VECTOR(vault_file, "confidential-containers/sealed-vault.json");
    HALLMARK_VECTOR(envelope_file, "confidential-containers/sealed-envelope.json");
    const auto vault = parse_sealed_secret(vector_text(vault_file));
    ASSERT_TRUE(vault) << vault.error().message;
    ASSERT_NE(std::get_if<VaultSecret>(&*vault), nullptr);
    // Its fields are stand-ins, and so no base64; all else is taken.
    expect_error(parse_sealed_secret(vector_text(envelope_file)), {"encrypted_key"});
}

TEST(SealedSecret, VaultsAndEnvelopesHaveTheirFieldsAndNoOthers) {
    const std::string vault = R"({"version":"0.1.0","type":"vault","name":"kbs:///a/b/c","provider":"kbs",)"
                              R"("provider_settings":{},"annotations":{}})";
    EXPECT_EQ(std::get<VaultSecret>(parse_sealed_secret(vault).value()).name, "kbs:///a/b/c");
    const std::string envelope = R"({"version":"0.1.0","type":"envelope","provider":"kbs","key_id":"kbs:///a/b/c",)"
                                 R"("encrypted_key":"AAEC","encrypted_data":"AwQF","wrap_type":"A256GCM","iv":"AAAA",)"
                                 R"("provider_settings":{},"annotations":{"iv":"AAAA"}})";
    const auto parsed = std::get<EnvelopeSecret>(parse_sealed_secret(envelope).value());
    EXPECT_EQ(parsed.encrypted_key, (Bytes{0, 1, 2}));
    EXPECT_EQ(parsed.encrypted_data, (Bytes{3, 4, 5}));
    for (const auto& whole : {vault, envelope}) {
        const auto fields = parse_json(whole, "whole").value();
        for (const auto& [key, value] : fields.items()) {
            Json without = fields;
            without.erase(key);
            expect_error(parse_sealed_secret(without.dump()), {"sealed secret", key, "missing"});
        }
        expect_error(parse_sealed_secret(with(whole, "{", R"({"other":1,)")), {"other", "unknown key"});
        expect_error(parse_sealed_secret(with(whole, "0.1.0", "0.2.0")), {"version", "expected 0.1.0"});
        expect_error(parse_sealed_secret(with(whole, R"("annotations":{)", R"("annotations":1,"x":{)")),
                     {"annotations"});
    }
    expect_error(parse_sealed_secret(with(vault, "\"vault\"", "\"box\"")), {"type", "vault or envelope"});
    expect_error(parse_sealed_secret(with(envelope, "A256GCM", "A128")), {"wrap_type", "A256CTR"});
    expect_error(parse_sealed_secret(with(envelope, "AwQF", "AwQ")), {"encrypted_data"});
}

}  // namespace
}  // namespace hallmark::hub
