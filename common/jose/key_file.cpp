// SPDX-License-Identifier: Apache-2.0
#include "common/jose/key_file.hpp"

#include <sys/stat.h>

#include <string>
#include <system_error>
#include <utility>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/secret.hpp"

namespace hallmark::jose {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;
constexpr mode_t kTooOpen = S_IWGRP | S_IRWXO;

template <class Key>
Result<Key> of_algorithm(Key key, SignatureAlgorithm algorithm, const std::filesystem::path& path) {
    if (key.algorithm() != algorithm)
        return bad_input(path.string() + ": a key for " + std::string(name_of(key.algorithm())) + ", expected " +
                         (algorithm == SignatureAlgorithm::kEdDsa ? "Ed25519 (EdDSA)" : "EC on P-256 (ES256)"));
    return key;
}

}  // namespace

Result<SigningKey> read_signing_key(const std::filesystem::path& path, SignatureAlgorithm algorithm) {
    HALLMARK_TRY(Bytes bytes, read_file(path, kLargestFile));
    const Secret pem(std::move(bytes));
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::unexpected(system_error(path.string()));
    if ((status.st_mode & kTooOpen) != 0)
        return bad_input(path.string() + ": a private key that others may read or change (mode " +
                         hex_number(status.st_mode & 0777U) + "); run chmod 600 on it");
    HALLMARK_TRY(SigningKey key, SigningKey::from_pem(pem.bytes(), path.string()));
    return of_algorithm(std::move(key), algorithm, path);
}

Result<SigningKey> read_or_make_key(const std::filesystem::path& path, SignatureAlgorithm algorithm) {
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error) {
        HALLMARK_TRY(const SigningKey key, SigningKey::generate(algorithm));
        HALLMARK_TRY(const Secret pem, key.to_pem());
        HALLMARK_TRY([[maybe_unused]] const bool made, create_file(path, pem.bytes(), 0600));
    }
    return read_signing_key(path, algorithm);
}

Result<VerifyingKey> read_verifying_key(const std::filesystem::path& path, SignatureAlgorithm algorithm) {
    HALLMARK_TRY(const Bytes pem, read_file(path, kLargestFile));
    HALLMARK_TRY(VerifyingKey key, VerifyingKey::from_pem(pem, path.string()));
    return of_algorithm(std::move(key), algorithm, path);
}

}  // namespace hallmark::jose
