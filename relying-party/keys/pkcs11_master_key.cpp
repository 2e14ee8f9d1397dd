// SPDX-License-Identifier: Apache-2.0
// Source: PKCS #11 v2.40, 4.9 (attributes of keys) and Current Mechanisms 2.12.3 (CKM_AES_GCM).
#include "relying-party/keys/pkcs11_master_key.hpp"

#include <p11-kit/pkcs11.h>

#include <array>
#include <cstring>
#include <mutex>
#include <utility>

#include "common/hex.hpp"
#include "relying-party/keys/pkcs11_token.hpp"
#include "relying-party/keys/sealing.hpp"

namespace hallmark::keys {
namespace {

constexpr std::size_t kLongestId = 32;

class Pkcs11MasterKey final : public MasterKey {
public:
    Pkcs11MasterKey(std::unique_ptr<Pkcs11Token> token, unsigned long key, const Bytes& id)
        : token_(std::move(token)), key_(key), name_("pkcs11:" + to_hex(id)) {}

    [[nodiscard]] std::string name() const override { return name_; }

    Result<Bytes> wrap(ByteSpan data_key, ByteSpan context) override {
        if (data_key.size() != kKeySize)
            return bad_input("data key: " + std::to_string(data_key.size()) + " bytes, expected " +
                             std::to_string(kKeySize));
        SealedHeader header;
        HALLMARK_CHECK(fill_random(header.nonce));
        const std::lock_guard lock(mutex_);
        HALLMARK_TRY(const Bytes out, token_->encrypt(key_, header.nonce, data_key, context));
        Bytes wrapped(sizeof header);
        std::memcpy(wrapped.data(), &header, sizeof header);
        append(wrapped, out);
        return wrapped;
    }

    Result<Secret> unwrap(ByteSpan wrapped, ByteSpan context) override {
        HALLMARK_TRY(const SealedParts parts, parts_of(wrapped));
        if (parts.cipher_text.size() != kKeySize)
            return bad_input("wrapped key: " + std::to_string(parts.cipher_text.size()) + " bytes, expected " +
                             std::to_string(kKeySize) + "; the store is damaged");
        const std::lock_guard lock(mutex_);
        HALLMARK_TRY(Secret data_key,
                     token_->decrypt(key_, parts.nonce, wrapped.subspan(sizeof(SealedHeader)), context));
        if (data_key.bytes().size() != kKeySize)
            return bad_input(token_->where() + ": unwrapped " + std::to_string(data_key.bytes().size()) +
                             " bytes, expected " + std::to_string(kKeySize));
        return data_key;
    }

private:
    std::mutex mutex_;  // one session does one thing at a time
    std::unique_ptr<Pkcs11Token> token_;
    unsigned long key_;
    std::string name_;
};

struct Wanted {
    unsigned long attribute;
    bool value;
    const char* name;
};
constexpr std::array kWanted{
    Wanted{CKA_TOKEN, true, "CKA_TOKEN"},
    Wanted{CKA_SENSITIVE, true, "CKA_SENSITIVE"},
    Wanted{CKA_EXTRACTABLE, false, "CKA_EXTRACTABLE"},
    // Together: made inside the token, and never readable since.
    Wanted{CKA_ALWAYS_SENSITIVE, true, "CKA_ALWAYS_SENSITIVE"},
    Wanted{CKA_NEVER_EXTRACTABLE, true, "CKA_NEVER_EXTRACTABLE"},
    Wanted{CKA_ENCRYPT, true, "CKA_ENCRYPT"},
    Wanted{CKA_DECRYPT, true, "CKA_DECRYPT"},
};

Status check_key(const Pkcs11Token& token, unsigned long key) {
    for (const auto& [attribute, value, name] : kWanted) {
        HALLMARK_TRY(const bool found, token.flag(key, attribute));
        if (found != value)
            return bad_input(token.where() + ": the key has " + name + (found ? " true" : " false") + ", expected " +
                             (value ? "true" : "false") +
                             ": it can leave the token, or once could; let this program make one");
    }
    HALLMARK_TRY(const Bytes size, token.attribute(key, CKA_VALUE_LEN, sizeof(unsigned long)));
    unsigned long bytes = 0;
    if (size.size() == sizeof bytes) std::memcpy(&bytes, size.data(), sizeof bytes);
    if (bytes != kKeySize)
        return bad_input(token.where() + ": the key has " + std::to_string(bytes) + " bytes, expected " +
                         std::to_string(kKeySize) + " (AES-256)");
    return {};
}

Result<std::shared_ptr<MasterKey>> key_of(std::unique_ptr<Pkcs11Token> token, unsigned long key) {
    HALLMARK_CHECK(check_key(*token, key));
    HALLMARK_TRY(const Bytes id, token->attribute(key, CKA_ID, kLongestId));
    if (id.empty())
        return bad_input(token->where() + ": the key has no CKA_ID, expected one that tells it from others");
    return std::make_shared<Pkcs11MasterKey>(std::move(token), key, id);
}

}  // namespace

Result<Secret> pin_of(Secret bytes) {
    auto pin = bytes.bytes();
    if (!pin.empty() && pin.back() == '\n') pin = pin.first(pin.size() - 1);
    if (pin.empty() || pin.size() > kLargestPin)
        return bad_input("PIN: " + std::to_string(pin.size()) + " bytes, expected 1 to " + std::to_string(kLargestPin));
    for (const auto byte : pin)
        if (byte < ' ') return bad_input("PIN: holds control characters, expected one line");
    return Secret(Bytes(pin.begin(), pin.end()));
}

Result<std::shared_ptr<MasterKey>> open_pkcs11_key(Pkcs11Options options) {
    HALLMARK_TRY(auto token, Pkcs11Token::open(options.module, options.uri, std::move(options.pin)));
    HALLMARK_TRY(const auto keys, token->find_keys());
    if (keys.size() != 1)
        return bad_input(token->where() + ": " + (keys.empty() ? "no AES key is" : "more than one AES key are") +
                         " named by the URI, expected 1; name it by object= or id=, or create it");
    return key_of(std::move(token), keys.front());
}

Result<std::shared_ptr<MasterKey>> create_pkcs11_key(Pkcs11Options options) {
    HALLMARK_TRY(auto token, Pkcs11Token::open(options.module, options.uri, std::move(options.pin)));
    HALLMARK_TRY(const auto keys, token->find_keys());
    if (!keys.empty())
        return bad_input(token->where() + ": an AES key that the URI names is there already; use it, or another name");
    HALLMARK_TRY(const unsigned long key, token->generate_key());
    return key_of(std::move(token), key);
}

}  // namespace hallmark::keys
