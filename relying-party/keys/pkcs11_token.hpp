// SPDX-License-Identifier: Apache-2.0
// A session with one token of a PKCS#11 module, logged in, and the one key in it that a URI names.
// Source: PKCS #11 v2.40 (OASIS), RFC 7512 (URIs of PKCS #11 objects).
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

struct p11_kit_uri;

namespace hallmark::keys {

class Pkcs11Token {
public:
    /// The module is a shared library; the URI names one token, and may name an object in it. It holds no PIN: that
    /// would be readable in the arguments of the process. The PIN is wiped when this returns.
    static Result<std::unique_ptr<Pkcs11Token>> open(const std::filesystem::path& module, const std::string& uri,
                                                     Secret pin);
    Pkcs11Token(const Pkcs11Token&) = delete;
    Pkcs11Token& operator=(const Pkcs11Token&) = delete;
    Pkcs11Token(Pkcs11Token&&) = delete;
    Pkcs11Token& operator=(Pkcs11Token&&) = delete;
    ~Pkcs11Token();

    /// The AES keys that the URI names, at most two: more than one is one too many.
    Result<std::vector<unsigned long>> find_keys() const;
    /// Makes an AES-256 key that stays in the token for ever; the URI says its label, and its id unless that is random.
    Result<unsigned long> generate_key() const;
    /// An attribute's bytes; at most `limit`.
    Result<Bytes> attribute(unsigned long object, unsigned long type, std::size_t limit) const;
    /// A yes or no of an object; no where the token does not say.
    Result<bool> flag(unsigned long object, unsigned long type) const;

    /// AES-GCM inside the token; the result of encrypting is the cipher text and then the tag.
    Result<Bytes> encrypt(unsigned long key, ByteSpan nonce, ByteSpan plain, ByteSpan context) const;
    Result<Secret> decrypt(unsigned long key, ByteSpan nonce, ByteSpan cipher_text_and_tag, ByteSpan context) const;

    /// A return value of the module as an error that names it.
    [[nodiscard]] Error error(std::string_view call, unsigned long code) const;
    [[nodiscard]] const std::string& where() const { return where_; }

private:
    explicit Pkcs11Token(std::string where) : where_(std::move(where)) {}
    Status load(const std::filesystem::path& module);
    Status find_slot(unsigned long& slot) const;
    Status log_in(unsigned long slot, Secret pin);

    struct FreeUri {
        void operator()(p11_kit_uri* uri) const;
    };
    std::string where_;  // the module, for errors
    std::unique_ptr<p11_kit_uri, FreeUri> uri_;
    CK_FUNCTION_LIST* module_ = nullptr;
    bool initialized_ = false;
    unsigned long session_ = 0;  // 0 is no session
};

}  // namespace hallmark::keys
