// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/signatures.hpp"

#include <algorithm>
#include <utility>

#include "agent/image-policy/openpgp/message.hpp"
#include "common/base64.hpp"
#include "common/openssl.hpp"

namespace hallmark::image_policy {
namespace {

bool holds(EVP_PKEY* key, ByteSpan payload, ByteSpan signature) {
    const EVP_MD* const digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
    const openssl::DigestContext context(EVP_MD_CTX_new());
    const bool good =
        context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), payload.data(), payload.size()) == 1;
    ERR_clear_error();
    return good;
}

std::string names_of(const std::vector<SigstoreKey>& keys) {
    std::string names;
    for (const auto& key : keys) names += (names.empty() ? "" : " or ") + key.name;
    return names;
}

}  // namespace

Result<std::string> check_simple_signature(ByteSpan message, const openpgp::Keyring& keys, const Image& image,
                                           const SignedIdentity& identity, std::int64_t now) {
    HALLMARK_TRY(const openpgp::SignedMessage parsed, openpgp::parse_message(message, "OpenPGP message"));
    HALLMARK_TRY(std::string key, keys.verify_data(parsed.signature, parsed.data, now));
    HALLMARK_TRY(const Payload payload, parse_payload(parsed.data, PayloadKind::kSimpleSigning, "payload"));
    HALLMARK_CHECK(check_payload(payload, image, identity));
    return key;
}

Result<std::string> check_sigstore_signature(const SigstoreSignature& signature, const std::vector<SigstoreKey>& keys,
                                             const Image& image, const SignedIdentity& identity) {
    std::string digits = signature.signature;
    std::erase_if(digits, [](char c) { return c == '\r' || c == '\n'; });
    auto bytes = from_base64(digits);
    if (!bytes) return std::unexpected(bytes.error().at("signature"));
    const auto by = std::ranges::find_if(
        keys, [&](const SigstoreKey& key) { return holds(key.key.get(), signature.payload, *bytes); });
    if (by == keys.end()) return refused("not made by " + names_of(keys));
    HALLMARK_TRY(const Payload payload, parse_payload(signature.payload, PayloadKind::kCosign, "payload"));
    HALLMARK_CHECK(check_payload(payload, image, identity));
    return by->name;
}

}  // namespace hallmark::image_policy
