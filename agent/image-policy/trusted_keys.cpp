// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/trusted_keys.hpp"

#include <cstdint>
#include <utility>

#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/jose/openssl_key.hpp"

namespace hallmark::image_policy {
namespace {

struct KeyFile {
    std::string name;
    Bytes bytes;
};

Result<Bytes> fetch(const std::string& place, const GetResource& get) {
    if (place.starts_with('/')) return read_file(place, openpgp::kLargestKeyring);
    if (!get) return refused(place + ": nobody here to get it from");
    auto bytes = get(place);
    if (!bytes) return std::unexpected(bytes.error().at(place));
    return bytes;
}

Result<std::vector<KeyFile>> fetch_all(const TrustedKeys& keys, const GetResource& get) {
    std::vector<KeyFile> files;
    for (const auto& data : keys.data) files.push_back({"keyData", data});
    for (const auto& place : keys.places) {
        HALLMARK_TRY(Bytes bytes, fetch(place, get));
        files.push_back({place, std::move(bytes)});
    }
    return files;
}

/// "ECDSA", "RSA", "Ed25519"; an error for every other key.
Result<std::string> kind_of(const EVP_PKEY& key, const std::string& what) {
    switch (EVP_PKEY_get_base_id(&key)) {
        case EVP_PKEY_ED25519:
            return "Ed25519";
        case EVP_PKEY_EC:
            if (jose::curve_of(key)) return "ECDSA";
            return bad_input(what + ": an EC key on another curve, expected P-256, P-384 or P-521");
        case EVP_PKEY_RSA:
            if (EVP_PKEY_get_bits(&key) >= openpgp::kSmallestRsa) return "RSA";
            return bad_input(what + ": an RSA key of " + std::to_string(EVP_PKEY_get_bits(&key)) +
                             " bits, expected at least " + std::to_string(openpgp::kSmallestRsa));
        default:
            break;
    }
    return bad_input(what + ": another kind of key, expected ECDSA, RSA or Ed25519");
}

Result<SigstoreKey> read_key(const KeyFile& file) {
    HALLMARK_TRY(openssl::Key key, jose::public_key_of_pem(file.bytes, file.name));
    HALLMARK_TRY(const std::string kind, kind_of(*key, file.name));
    std::uint8_t* encoded = nullptr;
    const int size = i2d_PUBKEY(key.get(), &encoded);
    if (size <= 0) return std::unexpected(openssl::error(file.name));
    const auto digest = sha256({encoded, static_cast<std::size_t>(size)});
    OPENSSL_free(encoded);
    return SigstoreKey{std::move(key), kind + " key SHA256:" + to_hex(digest)};
}

}  // namespace

Result<openpgp::Keyring> load_keyring(const TrustedKeys& keys, const GetResource& get) {
    HALLMARK_TRY(const std::vector<KeyFile> files, fetch_all(keys, get));
    openpgp::Keyring keyring;
    for (const auto& file : files) HALLMARK_CHECK(keyring.add(file.bytes, file.name));
    return keyring;
}

Result<std::vector<SigstoreKey>> load_sigstore_keys(const TrustedKeys& keys, const GetResource& get) {
    HALLMARK_TRY(const std::vector<KeyFile> files, fetch_all(keys, get));
    std::vector<SigstoreKey> loaded;
    for (const auto& file : files) {
        HALLMARK_TRY(SigstoreKey key, read_key(file));
        loaded.push_back(std::move(key));
    }
    return loaded;
}

}  // namespace hallmark::image_policy
