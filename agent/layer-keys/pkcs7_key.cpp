// SPDX-License-Identifier: Apache-2.0
#include "agent/layer-keys/pkcs7_key.hpp"

#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace hallmark::layer_keys {
namespace {

using Bio = openssl::Owned<BIO, BIO_free_all>;
using Message = openssl::Owned<PKCS7, PKCS7_free>;
using KeyContext = openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using CipherContext = openssl::Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr std::size_t kKeySize = 16;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::string_view kWhat = "PKCS #7";

ByteSpan bytes_of(const ASN1_STRING* string) {
    return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// The only one that asks no terminal.
int no_password(char*, int, int, void*) { return 0; }

/// The algorithm with the parameters that ocicrypt's library writes behind it: it forgets that a SEQUENCE is
/// constructed, which OpenSSL refuses to read.
constexpr std::array<std::uint8_t, 12> kAes128Gcm = {0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                     0x65, 0x03, 0x04, 0x01, 0x06, V_ASN1_SEQUENCE};

Bytes mended(ByteSpan packet) {
    Bytes bytes(packet.begin(), packet.end());
    const auto found = std::search(bytes.begin(), bytes.end(), kAes128Gcm.begin(), kAes128Gcm.end());
    if (found != bytes.end()) found[kAes128Gcm.size() - 1] |= V_ASN1_CONSTRUCTED;
    return bytes;
}

Result<Message> read_message(ByteSpan packet) {
    const Bytes bytes = mended(packet);
    const auto* next = bytes.data();
    Message message(d2i_PKCS7(nullptr, &next, static_cast<long>(bytes.size())));
    if (!message) return std::unexpected(openssl::error(kWhat));
    if (!PKCS7_type_is_enveloped(message.get()) || message->d.enveloped == nullptr ||
        message->d.enveloped->enc_data == nullptr || message->d.enveloped->enc_data->enc_data == nullptr)
        return bad_input("PKCS #7: expected encrypted content for recipients (EnvelopedData)");
    return message;
}

/// The nonce of GCMParameters: its first element. ocicrypt's library puts the SEQUENCE into one more, and tags the
/// nonce with a number of its own. The tag is 16 bytes long whatever the second element says: with another length
/// nothing decrypts.
Result<Bytes> nonce_of(const X509_ALGOR& algorithm) {
    constexpr std::uint8_t kSequence = V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED;
    constexpr std::uint8_t kTagged = V_ASN1_CONTEXT_SPECIFIC | 4;
    const ASN1_OBJECT* name = nullptr;
    int type = 0;
    const void* value = nullptr;
    X509_ALGOR_get0(&name, &type, &value, &algorithm);
    if (OBJ_obj2nid(name) != NID_aes_128_gcm)
        return refused("PKCS #7: content encrypted by another algorithm, expected AES-128-GCM, which ocicrypt writes");
    auto rest = type == V_ASN1_SEQUENCE ? bytes_of(static_cast<const ASN1_STRING*>(value)) : ByteSpan{};
    for (int depth = 0; depth < 2 && rest.size() > 2 && rest[0] == kSequence; ++depth) rest = rest.subspan(2);
    if (rest.size() < 2 + kNonceSize || (rest[0] != V_ASN1_OCTET_STRING && rest[0] != kTagged) || rest[1] != kNonceSize)
        return bad_input("PKCS #7: parameters of AES-128-GCM without a nonce, expected one of 12 bytes");
    const auto nonce = rest.subspan(2, kNonceSize);
    return Bytes(nonce.begin(), nonce.end());
}

Result<Secret> decrypt_key(EVP_PKEY& key, ByteSpan encrypted) {
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr));
    Bytes buffer(static_cast<std::size_t>(EVP_PKEY_get_size(&key)));
    std::size_t size = buffer.size();
    const bool good = context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
                      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
                      EVP_PKEY_decrypt(context.get(), buffer.data(), &size, encrypted.data(), encrypted.size()) == 1 &&
                      size == kKeySize;
    const Secret all(std::move(buffer));
    ERR_clear_error();
    if (!good) return refused("PKCS #7: not encrypted to this key, or changed since");
    const auto part = all.bytes().first(size);
    return Secret(Bytes(part.begin(), part.end()));
}

/// `content` ends with the tag.
Result<Secret> decrypt_content(ByteSpan key, ByteSpan nonce, ByteSpan content) {
    if (content.size() < kTagSize) return bad_input("PKCS #7: the content is shorter than its tag");
    Bytes plain(content.size() - kTagSize);
    std::array<std::uint8_t, kTagSize> tag{};
    const auto end = content.last(kTagSize);
    std::copy(end.begin(), end.end(), tag.begin());
    const CipherContext context(EVP_CIPHER_CTX_new());
    int size = 0;
    unsigned char rest[16];
    const bool good =
        context && EVP_DecryptInit_ex2(context.get(), EVP_aes_128_gcm(), key.data(), nonce.data(), nullptr) == 1 &&
        (plain.empty() ||
         EVP_DecryptUpdate(context.get(), plain.data(), &size, content.data(), static_cast<int>(plain.size())) == 1) &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), rest, &size) == 1;
    Secret secret(std::move(plain));
    ERR_clear_error();
    if (!good) return refused("PKCS #7: not encrypted to this key, or changed since");
    return secret;
}

bool names(const PKCS7_RECIP_INFO& recipient, const X509& certificate) {
    const auto* const named = recipient.issuer_and_serial;
    return named != nullptr && recipient.enc_key != nullptr &&
           X509_NAME_cmp(named->issuer, X509_get_issuer_name(&certificate)) == 0 &&
           ASN1_INTEGER_cmp(named->serial, X509_get0_serialNumber(&certificate)) == 0;
}

}  // namespace

Pkcs7Key::Pkcs7Key(openssl::Key key, openssl::Certificate certificate)
    : key_(std::move(key)), certificate_(std::move(certificate)) {}

Result<Pkcs7Key> Pkcs7Key::from_pem(ByteSpan private_key, ByteSpan certificate, std::string_view where) {
    const Bio key_text(BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())));
    const Bio certificate_text(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
    openssl::Key key(key_text ? PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_password, nullptr) : nullptr);
    openssl::Certificate whose(
        certificate_text ? PEM_read_bio_X509(certificate_text.get(), nullptr, no_password, nullptr) : nullptr);
    if (!key || !whose) return std::unexpected(openssl::error(std::string(where) + ": key or certificate in PEM"));
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
        return bad_input(std::string(where) + ": found another key, expected an RSA key");
    if (X509_check_private_key(whose.get(), key.get()) != 1) {
        ERR_clear_error();
        return bad_input(std::string(where) + ": the certificate is of another key");
    }
    return Pkcs7Key(std::move(key), std::move(whose));
}

Result<Secret> Pkcs7Key::unwrap(ByteSpan packet) const {
    HALLMARK_TRY(const Message message, read_message(packet));
    const auto& enveloped = *message->d.enveloped;
    HALLMARK_TRY(const Bytes nonce, nonce_of(*enveloped.enc_data->algorithm));
    const int recipients = sk_PKCS7_RECIP_INFO_num(enveloped.recipientinfo);
    for (int index = 0; index < recipients; ++index) {
        const auto* const recipient = sk_PKCS7_RECIP_INFO_value(enveloped.recipientinfo, index);
        if (!names(*recipient, *certificate_)) continue;
        HALLMARK_TRY(const Secret key, decrypt_key(*key_, bytes_of(recipient->enc_key)));
        return decrypt_content(key.bytes(), nonce, bytes_of(enveloped.enc_data->enc_data));
    }
    return refused("PKCS #7: none of its " + std::to_string(recipients) + " recipients is this certificate's owner");
}

}  // namespace hallmark::layer_keys
