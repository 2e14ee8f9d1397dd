// SPDX-License-Identifier: Apache-2.0
// Attacker: the untrusted control plane, which keeps sealed secrets and may hand the guest any other text.
// Size cap: 16 KiB; the program's own is 1 MiB, which only makes longer strings.
#include "agent/data-hub/sealed_secret.hpp"

#include <string>

#include "common/base64.hpp"
#include "common/jose/jws.hpp"
#include "common/jose/signing_key.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

const jose::SigningKey& key() {
    static const auto kKey = jose::SigningKey::generate(jose::SignatureAlgorithm::kEs256);
    require(kKey.has_value(), "a key is made");
    return *kKey;
}

constexpr std::string_view kVault =
    R"({"version":"0.1.0","type":"vault","name":"kbs:///a/b/c","provider":"kbs","provider_settings":{},"annotations":{}})";
constexpr std::string_view kEnvelope =
    R"({"version":"0.1.0","type":"envelope","provider":"kbs","key_id":"kbs:///a/b/c","encrypted_key":"AAEC",)"
    R"("encrypted_data":"AwQF","wrap_type":"A256GCM","iv":"AAAA","provider_settings":{},"annotations":{"iv":"AAAA"}})";

std::string sealed(std::string_view payload) {
    return "sealed." + jose::sign({{"kid", "one"}}, as_bytes(payload), key()).value();
}

std::vector<Bytes> seeds() {
    return {seed(sealed(kVault)), seed(sealed(kEnvelope)), seed("sealed.header.e30.signature"), seed(kVault),
            seed(kEnvelope)};
}

Result<Secret> find(const std::string& /*kid*/) {
    const auto jwk = key().public_key().to_jwk().dump();
    return Secret(Bytes(jwk.begin(), jwk.end()));
}

/// What is read has its fields, and a name that is no URI is for the next to refuse.
void try_payload(std::string_view payload) {
    const auto secret = hub::parse_sealed_secret(payload);
    if (!secret) return;
    const auto again = parse_json(payload, "payload");
    require(again && (*again)["version"] == "0.1.0", "only this version is read");
}

void attempt(ByteSpan input) {
    const auto text = text_of(input);
    try_payload(text);
    const auto unverified = hub::unverified_payload(text);
    const auto verified = hub::verified_payload(text, find);
    if (verified) {
        require(unverified && *unverified == *verified, "the signed payload is the one that is there");
        const auto payload = text_of(*verified);
        require(payload == kVault || payload == kEnvelope, "nobody else signs");
    }
    if (unverified) try_payload(text_of(*unverified));
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
