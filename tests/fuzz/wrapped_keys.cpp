// SPDX-License-Identifier: Apache-2.0
// Attacker: a registry, or whoever stands between, which writes any annotations on a layer.
// Size cap: 16 KiB; the program's own is 64 KiB a packet, which only makes longer strings.
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "agent/layer-keys/jwe_key.hpp"
#include "agent/layer-keys/pkcs7_key.hpp"
#include "common/base64.hpp"
#include "common/jose/jwe.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::string_view kOptions = "options";

const jose::KeyPair& ec_key() {
    static const auto kKey = jose::KeyPair::generate(jose::parse_key_kind("ECDH-ES+A256KW-P256").value());
    require(kKey.has_value(), "a key is made");
    return *kKey;
}

openssl::Key rsa_key() {
    openssl::Key key(EVP_RSA_gen(2048));
    require(key != nullptr, "a key is made");
    return key;
}

openssl::Certificate certificate(EVP_PKEY* key) {
    openssl::Certificate made(X509_new());
    const std::string name = "one";
    const auto* const text = reinterpret_cast<const unsigned char*>(name.data());
    require(made && ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
                X509_NAME_add_entry_by_txt(X509_get_issuer_name(made.get()), "CN", MBSTRING_ASC, text, 3, -1, 0) == 1 &&
                X509_gmtime_adj(X509_getm_notBefore(made.get()), 0) != nullptr &&
                X509_gmtime_adj(X509_getm_notAfter(made.get()), 1) != nullptr &&
                X509_set_pubkey(made.get(), key) == 1 && X509_sign(made.get(), key, EVP_sha256()) > 0,
            "a certificate is made");
    return made;
}

template <class Write, class Object>
Bytes pem(Write write, Object* object) {
    const openssl::Owned<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    require(bio && write(bio.get(), object) == 1, "PEM is written");
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, text + size};
}

const layer_keys::Pkcs7Key& pkcs7_key() {
    static const auto kKey = [] {
        const auto key = rsa_key();
        const auto whose = certificate(key.get());
        const auto private_pem =
            pem([](BIO* bio,
                   EVP_PKEY* of) { return PEM_write_bio_PrivateKey(bio, of, nullptr, nullptr, 0, nullptr, nullptr); },
                key.get());
        const auto certificate_pem = pem([](BIO* bio, X509* of) { return PEM_write_bio_X509(bio, of); }, whose.get());
        return layer_keys::Pkcs7Key::from_pem(private_pem, certificate_pem, "key");
    }();
    require(kKey.has_value(), "a key is read");
    return *kKey;
}

/// One element of DER with a length below 128, or of two bytes.
Bytes der(std::uint8_t tag, std::initializer_list<Bytes> parts) {
    Bytes content;
    for (const auto& part : parts) append(content, part);
    Bytes element{tag, 0x82, static_cast<std::uint8_t>(content.size() >> 8U),
                  static_cast<std::uint8_t>(content.size())};
    append(element, content);
    return element;
}

/// In the form of ocicrypt's library, for the owner of the certificate, with a key that is none.
Bytes enveloped() {
    const Bytes zero{0x02, 0x01, 0x00};
    const Bytes one{0x02, 0x01, 0x01};
    const Bytes issuer =
        der(0x30, {der(0x31, {der(0x30, {{0x06, 0x03, 0x55, 0x04, 0x03}, {0x0c, 3, 'o', 'n', 'e'}})})});
    const Bytes rsa{0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
    const Bytes data{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
    const Bytes gcm{0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x06};
    Bytes parameters{0x10, 0x13, 0x30, 0x11, 0x84, 0x0c};
    parameters.resize(parameters.size() + 12, 7);
    append(parameters, Bytes{0x02, 0x01, 0x10});
    const Bytes recipient = der(0x30, {zero, der(0x30, {issuer, one}), rsa, der(0x04, {Bytes(256, 1)})});
    const Bytes content = der(0x30, {data, der(0x30, {gcm, parameters}), der(0xa0, {der(0x04, {Bytes(40, 2)})})});
    const Bytes type{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03};
    return der(0x30, {type, der(0xa0, {der(0x30, {zero, der(0x31, {recipient}), content})})});
}

std::vector<Bytes> seeds() {
    const auto jwe = jose::encrypt(as_bytes(kOptions), ec_key().public_key());
    require(jwe.has_value(), "a JWE is made");
    Json general = {{"protected", (*jwe)["protected"]},
                    {"iv", (*jwe)["iv"]},
                    {"ciphertext", (*jwe)["ciphertext"]},
                    {"tag", (*jwe)["tag"]}};
    general["recipients"] = Json::array({{{"header", Json::object()}, {"encrypted_key", (*jwe)["encrypted_key"]}}});
    return {seed(jwe->dump()), seed(general.dump()), enveloped()};
}

void check(const Result<Secret>& options) {
    if (options) require(text_of(options->bytes()) == kOptions, "nobody else wraps for this key");
}

void attempt(ByteSpan input) {
    static const auto kJwe = layer_keys::JweKey(jose::KeyPair::from_pem(ec_key().to_pem()->bytes(), "key").value());
    check(kJwe.unwrap(input));
    check(pkcs7_key().unwrap(input));
    const auto keys =
        layer_keys::wrapped_keys({{"org.opencontainers.image.enc.keys.jwe", std::string(text_of(input))}});
    if (keys) require(!keys->empty(), "a value has at least one packet");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
