// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/image-policy/signature_source.hpp"
#include "common/base64.hpp"
#include "tests/support/synthetic_openpgp.hpp"

namespace hallmark::test {

/// Signatures by the manifest that they are kept under.
class FakeSignatures : public image_policy::SignatureSource {
public:
    std::map<oci::Digest, std::vector<Bytes>> simple;
    std::map<oci::Digest, std::vector<image_policy::SigstoreSignature>> sigstore;

    Result<std::vector<Bytes>> simple_signatures(const oci::Reference& /*image*/,
                                                 const oci::Digest& manifest) override {
        return simple[manifest];
    }
    Result<std::vector<image_policy::SigstoreSignature>> sigstore_signatures(const oci::Reference& /*image*/,
                                                                             const oci::Digest& manifest) override {
        return sigstore[manifest];
    }
};

/// What is signed: that the manifest has this name.
inline std::string payload_text(std::string_view type, const oci::Digest& manifest, std::string_view reference) {
    return R"({"critical":{"identity":{"docker-reference":")" + std::string(reference) +
           R"("},"image":{"docker-manifest-digest":")" + manifest.text() + R"("},"type":")" + std::string(type) +
           R"("},"optional":{}})";
}

inline Bytes simple_signature(const pgp::Signer& signer, const oci::Digest& manifest, std::string_view reference,
                              const pgp::Making& making = {}) {
    return pgp::message(signer, payload_text("atomic container signature", manifest, reference), making);
}

/// By an EC, RSA or Ed25519 key.
inline image_policy::SigstoreSignature sign_payload(EVP_PKEY* key, std::string_view payload) {
    const auto* const digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
    const openssl::DigestContext context(EVP_MD_CTX_new());
    Bytes value(1024);
    std::size_t size = value.size();
    const auto bytes = as_bytes(payload);
    pgp::must(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
              EVP_DigestSign(context.get(), value.data(), &size, bytes.data(), bytes.size()) == 1);
    value.resize(size);
    return {Bytes(bytes.begin(), bytes.end()), to_base64(value)};
}

inline image_policy::SigstoreSignature sigstore_signature(EVP_PKEY* key, const oci::Digest& manifest,
                                                          std::string_view reference) {
    return sign_payload(key, payload_text("cosign container image signature", manifest, reference));
}

}  // namespace hallmark::test
