// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/pkcs11_token.hpp"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "common/hex.hpp"
#include "relying-party/keys/sealing.hpp"

namespace hallmark::keys {
namespace {

constexpr std::size_t kLongestUri = 1024;
constexpr CK_ULONG kMostSlots = 256;
constexpr std::size_t kRandomIdSize = 16;
constexpr std::string_view kDefaultLabel = "hallmark-kbs";

/// PKCS #11 takes pointers to what it never changes without const.
template <class T>
T* mutable_of(const T* pointer) {
    return const_cast<T*>(pointer);
}

CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
    return {type, mutable_of(value), size};
}

Result<p11_kit_uri*> parse_uri(const std::string& text) {
    if (text.size() > kLongestUri)
        return bad_input("PKCS#11 URI: " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLongestUri));
    p11_kit_uri* const uri = p11_kit_uri_new();
    if (uri == nullptr) return bad_input("PKCS#11 URI: no memory");
    const int code = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri);
    std::string problem;
    if (code != P11_KIT_URI_OK)
        problem = p11_kit_uri_message(code);
    else if (p11_kit_uri_any_unrecognized(uri) != 0)
        problem = "an attribute that is not known";
    else if (p11_kit_uri_get_pin_value(uri) != nullptr || p11_kit_uri_get_pin_source(uri) != nullptr)
        problem = "holds a PIN or its place; give the PIN in a file of its own, arguments can be read by others";
    if (problem.empty()) return uri;
    p11_kit_uri_free(uri);
    return bad_input("PKCS#11 URI: " + problem + "; expected RFC 7512, as pkcs11:token=NAME;object=LABEL");
}

/// CK_GCM_PARAMS (PKCS #11 3.0, current mechanisms, section 2.12.3). Releases of p11-kit name its members differently.
struct GcmParameters {
    CK_BYTE* iv_ptr;
    CK_ULONG iv_len;
    CK_ULONG iv_bits;
    CK_BYTE* aad_ptr;
    CK_ULONG aad_len;
    CK_ULONG tag_bits;
};
static_assert(sizeof(GcmParameters) == 6 * sizeof(CK_ULONG) &&
              offsetof(GcmParameters, tag_bits) == 5 * sizeof(CK_ULONG));

GcmParameters gcm_parameters(ByteSpan nonce, ByteSpan context) {
    return {.iv_ptr = mutable_of(nonce.data()),
            .iv_len = nonce.size(),
            .iv_bits = nonce.size() * 8,
            .aad_ptr = mutable_of(context.data()),
            .aad_len = context.size(),
            .tag_bits = kTagSize * 8};
}

}  // namespace

void Pkcs11Token::FreeUri::operator()(p11_kit_uri* uri) const { p11_kit_uri_free(uri); }

Result<std::unique_ptr<Pkcs11Token>> Pkcs11Token::open(const std::filesystem::path& module, const std::string& uri,
                                                       Secret pin) {
    std::unique_ptr<Pkcs11Token> token(new Pkcs11Token(module.string()));
    HALLMARK_TRY(p11_kit_uri* const parsed, parse_uri(uri));
    token->uri_.reset(parsed);
    HALLMARK_CHECK(token->load(module));
    unsigned long slot = 0;
    HALLMARK_CHECK(token->find_slot(slot));
    HALLMARK_CHECK(token->log_in(slot, std::move(pin)));
    return token;
}

Pkcs11Token::~Pkcs11Token() {
    if (module_ == nullptr) return;
    if (session_ != 0) static_cast<void>(module_->C_CloseSession(session_));
    if (initialized_) static_cast<void>(p11_kit_module_finalize(module_));
    p11_kit_module_release(module_);
}

Error Pkcs11Token::error(std::string_view call, unsigned long code) const {
    return {Fault::kBadInput, where_ + ": " + std::string(call) + ": " + p11_kit_strerror(code) + " (" +
                                  hex_number(code) + "); look at the token"};
}

Status Pkcs11Token::load(const std::filesystem::path& module) {
    // A bare name would be looked for in folders that the environment names.
    if (!module.is_absolute())
        return bad_input(where_ + ": the PKCS#11 module is not named from the root, expected /…/NAME.so");
    p11_kit_be_quiet();
    module_ = p11_kit_module_load(module.c_str(), 0);
    if (module_ == nullptr) {
        const char* reason = p11_kit_message();
        return bad_input(where_ + ": no PKCS#11 module: " + (reason == nullptr ? "no reason given" : reason));
    }
    if (const auto code = p11_kit_module_initialize(module_); code != CKR_OK)
        return std::unexpected(error("C_Initialize", code));
    initialized_ = true;
    return {};
}

Status Pkcs11Token::find_slot(unsigned long& slot) const {
    CK_ULONG count = kMostSlots;
    std::array<CK_SLOT_ID, kMostSlots> slots{};
    if (const auto code = module_->C_GetSlotList(CK_TRUE, slots.data(), &count); code != CKR_OK)
        return std::unexpected(error("C_GetSlotList", code));
    std::size_t matching = 0;
    for (const auto candidate : std::span(slots).first(count)) {
        CK_TOKEN_INFO token{};
        if (module_->C_GetTokenInfo(candidate, &token) != CKR_OK) continue;
        if ((token.flags & CKF_TOKEN_INITIALIZED) == 0 || p11_kit_uri_match_token_info(uri_.get(), &token) != 1)
            continue;
        slot = candidate;
        ++matching;
    }
    if (matching != 1)
        return bad_input(where_ + ": " + std::to_string(matching) + " of " + std::to_string(count) +
                         " tokens are named by the URI, expected 1; name it by token= or serial=");
    return {};
}

Status Pkcs11Token::log_in(unsigned long slot, Secret pin) {
    CK_SESSION_HANDLE session = 0;
    if (const auto code = module_->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session);
        code != CKR_OK)
        return std::unexpected(error("C_OpenSession", code));
    session_ = session;
    const auto code = module_->C_Login(session_, CKU_USER, mutable_of(pin.bytes().data()), pin.bytes().size());
    if (code != CKR_OK && code != CKR_USER_ALREADY_LOGGED_IN) return std::unexpected(error("C_Login", code));
    return {};
}

Result<std::vector<unsigned long>> Pkcs11Token::find_keys() const {
    CK_ULONG named = 0;
    const CK_ATTRIBUTE* attributes = p11_kit_uri_get_attributes(uri_.get(), &named);
    const CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    const CK_KEY_TYPE key_type = CKK_AES;
    std::vector<CK_ATTRIBUTE> wanted{attribute_of(CKA_CLASS, &object_class, sizeof object_class),
                                     attribute_of(CKA_KEY_TYPE, &key_type, sizeof key_type)};
    for (const auto& attribute : std::span(attributes, attributes == nullptr ? 0 : named))
        if (attribute.type != CKA_CLASS) wanted.push_back(attribute);
    if (const auto code = module_->C_FindObjectsInit(session_, wanted.data(), wanted.size()); code != CKR_OK)
        return std::unexpected(error("C_FindObjectsInit", code));
    std::array<CK_OBJECT_HANDLE, 2> found{};
    CK_ULONG count = 0;
    const auto code = module_->C_FindObjects(session_, found.data(), found.size(), &count);
    static_cast<void>(module_->C_FindObjectsFinal(session_));
    if (code != CKR_OK) return std::unexpected(error("C_FindObjects", code));
    const auto keys = std::span(found).first(std::min<std::size_t>(count, found.size()));
    return std::vector<unsigned long>(keys.begin(), keys.end());
}

Result<unsigned long> Pkcs11Token::generate_key() const {
    const CK_ATTRIBUTE* label = p11_kit_uri_get_attribute(uri_.get(), CKA_LABEL);
    const CK_ATTRIBUTE* id = p11_kit_uri_get_attribute(uri_.get(), CKA_ID);
    Bytes random_id(kRandomIdSize);
    HALLMARK_CHECK(fill_random(random_id));
    const CK_BBOOL yes = CK_TRUE;
    const CK_BBOOL no = CK_FALSE;
    const CK_ULONG size = kKeySize;
    std::vector<CK_ATTRIBUTE> wanted{
        label != nullptr ? *label : attribute_of(CKA_LABEL, kDefaultLabel.data(), kDefaultLabel.size()),
        id != nullptr ? *id : attribute_of(CKA_ID, random_id.data(), random_id.size()),
        attribute_of(CKA_VALUE_LEN, &size, sizeof size),
        attribute_of(CKA_TOKEN, &yes, sizeof yes),
        attribute_of(CKA_PRIVATE, &yes, sizeof yes),
        attribute_of(CKA_SENSITIVE, &yes, sizeof yes),
        attribute_of(CKA_EXTRACTABLE, &no, sizeof no),
        attribute_of(CKA_MODIFIABLE, &no, sizeof no),
        attribute_of(CKA_ENCRYPT, &yes, sizeof yes),
        attribute_of(CKA_DECRYPT, &yes, sizeof yes),
        // Its one use is AES-GCM on data keys: nothing else is wrapped with it or made from it.
        attribute_of(CKA_WRAP, &no, sizeof no),
        attribute_of(CKA_UNWRAP, &no, sizeof no),
        attribute_of(CKA_DERIVE, &no, sizeof no),
        attribute_of(CKA_SIGN, &no, sizeof no),
        attribute_of(CKA_VERIFY, &no, sizeof no),
    };
    CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE key = 0;
    if (const auto code = module_->C_GenerateKey(session_, &mechanism, wanted.data(), wanted.size(), &key);
        code != CKR_OK)
        return std::unexpected(error("C_GenerateKey", code));
    return key;
}

Result<Bytes> Pkcs11Token::attribute(unsigned long object, unsigned long type, std::size_t limit) const {
    Bytes value(limit);
    CK_ATTRIBUTE wanted{type, value.data(), value.size()};
    if (const auto code = module_->C_GetAttributeValue(session_, object, &wanted, 1); code != CKR_OK)
        return std::unexpected(error("C_GetAttributeValue of " + hex_number(type), code));
    if (wanted.ulValueLen > limit) return bad_input(where_ + ": attribute " + hex_number(type) + " is too long");
    value.resize(wanted.ulValueLen);
    return value;
}

Result<bool> Pkcs11Token::flag(unsigned long object, unsigned long type) const {
    HALLMARK_TRY(const Bytes value, attribute(object, type, sizeof(CK_BBOOL)));
    return value.size() == sizeof(CK_BBOOL) && value[0] == CK_TRUE;
}

Result<Bytes> Pkcs11Token::encrypt(unsigned long key, ByteSpan nonce, ByteSpan plain, ByteSpan context) const {
    GcmParameters parameters = gcm_parameters(nonce, context);
    CK_MECHANISM mechanism{CKM_AES_GCM, &parameters, sizeof parameters};
    if (const auto code = module_->C_EncryptInit(session_, &mechanism, key); code != CKR_OK)
        return std::unexpected(error("C_EncryptInit (AES-GCM)", code));
    Bytes out(plain.size() + kTagSize);
    CK_ULONG size = out.size();
    if (const auto code = module_->C_Encrypt(session_, mutable_of(plain.data()), plain.size(), out.data(), &size);
        code != CKR_OK)
        return std::unexpected(error("C_Encrypt", code));
    if (size != out.size())
        return bad_input(where_ + ": C_Encrypt gave " + std::to_string(size) + " bytes, expected " +
                         std::to_string(out.size()));
    return out;
}

Result<Secret> Pkcs11Token::decrypt(unsigned long key, ByteSpan nonce, ByteSpan cipher_text_and_tag,
                                    ByteSpan context) const {
    GcmParameters parameters = gcm_parameters(nonce, context);
    CK_MECHANISM mechanism{CKM_AES_GCM, &parameters, sizeof parameters};
    if (const auto code = module_->C_DecryptInit(session_, &mechanism, key); code != CKR_OK)
        return std::unexpected(error("C_DecryptInit (AES-GCM)", code));
    // As much room as goes in: some tokens ask for the tag's bytes too, before they take it off.
    Bytes out(cipher_text_and_tag.size());
    CK_ULONG size = out.size();
    const auto code = module_->C_Decrypt(session_, mutable_of(cipher_text_and_tag.data()), cipher_text_and_tag.size(),
                                         out.data(), &size);
    const bool fits = code == CKR_OK && size <= out.size();
    if (fits) out.resize(size);
    Secret plain(std::move(out));
    if (code != CKR_OK) return std::unexpected(error("C_Decrypt", code));
    if (!fits) return bad_input(where_ + ": C_Decrypt gave more bytes than there is room for");
    return plain;
}

}  // namespace hallmark::keys
