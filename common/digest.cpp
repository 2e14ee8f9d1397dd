// SPDX-License-Identifier: Apache-2.0
#include "common/digest.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <type_traits>

namespace hallmark {
namespace {

// Fetched once: EVP_sha384() would look the implementation up again at every start, and a launch digest has
// thousands of starts on small inputs.
const EVP_MD* algorithm(std::type_identity<Sha1>) {
    static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    return kMd;
}

const EVP_MD* algorithm(std::type_identity<Sha256>) {
    static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    return kMd;
}

const EVP_MD* algorithm(std::type_identity<Sha384>) {
    static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
    return kMd;
}

const EVP_MD* algorithm(std::type_identity<Sha512>) {
    static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
    return kMd;
}

// Hashing fails only where OpenSSL itself is broken or memory is gone: no digest may be told apart from a wrong one.
void require(bool ok) {
    if (!ok) std::abort();
}

}  // namespace

template <class Digest>
void Hasher<Digest>::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

template <class Digest>
Hasher<Digest>::Hasher() : context_(EVP_MD_CTX_new()) {
    require(context_ != nullptr);
    start();
}

template <class Digest>
Hasher<Digest>::Hasher(const Hasher& other) : context_(EVP_MD_CTX_new()) {
    require(context_ != nullptr && EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()) == 1);
}

template <class Digest>
void Hasher<Digest>::start() {
    require(EVP_DigestInit_ex2(context_.get(), algorithm(std::type_identity<Digest>{}), nullptr) == 1);
}

template <class Digest>
void Hasher<Digest>::update(ByteSpan bytes) {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

template <class Digest>
Digest Hasher<Digest>::finish() {
    Digest digest;
    unsigned int size = 0;
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1 && size == digest.size());
    start();
    return digest;
}

template <class Digest>
Digest Hasher<Digest>::so_far() const {
    const Hasher copy(*this);
    Digest digest;
    unsigned int size = 0;
    require(EVP_DigestFinal_ex(copy.context_.get(), digest.data(), &size) == 1 && size == digest.size());
    return digest;
}

template class Hasher<Sha1>;
template class Hasher<Sha256>;
template class Hasher<Sha384>;
template class Hasher<Sha512>;

Sha256 sha256(ByteSpan bytes) {
    Hasher<Sha256> hasher;
    hasher.update(bytes);
    return hasher.finish();
}

Sha384 sha384(ByteSpan bytes) {
    Hasher<Sha384> hasher;
    hasher.update(bytes);
    return hasher.finish();
}

}  // namespace hallmark
