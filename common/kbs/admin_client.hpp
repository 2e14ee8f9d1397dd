// SPDX-License-Identifier: Apache-2.0
// An owner's requests to a key broker: hallmark-kbs, or Trustee through the same interface.
// Source: Confidential Containers, KBS attestation protocol 0.4.0 and Trustee v0.21.0, kbs/docs (administration).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/jose/signing_key.hpp"
#include "common/result.hpp"

namespace hallmark::kbs {

struct AdminAccess {
    std::string url;                    ///< https://HOST[:PORT]
    std::filesystem::path certificate;  ///< PEM: trusted in place of the system's authorities; empty: those
    std::filesystem::path key;          ///< PEM: the administrator's Ed25519 key
    std::string role = "admin";         ///< what the token says the administrator is
    bool insecure_http = false;         ///< take http:// too: the token and all it carries are then readable
};

class AdminClient {
public:
    /// Reads the key and checks the address; nothing is sent.
    static Result<AdminClient> open(const AdminAccess& access);

    /// What is stored below /kbs/v0/: "resource/default/key/one", "reference-value".
    [[nodiscard]] Status post(std::string_view path, ByteSpan body, std::string_view media_type) const;
    [[nodiscard]] Result<Bytes> get(std::string_view path) const;
    [[nodiscard]] Status remove(std::string_view path) const;

private:
    AdminClient(AdminAccess access, jose::SigningKey key) : access_(std::move(access)), key_(std::move(key)) {}
    [[nodiscard]] Result<Bytes> perform(std::string_view method, std::string_view path, ByteSpan body,
                                        std::string_view media_type) const;

    AdminAccess access_;
    jose::SigningKey key_;
};

}  // namespace hallmark::kbs
