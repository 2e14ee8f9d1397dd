// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/verified_paths.hpp"

#include <optional>

namespace hallmark::verifier {
namespace {

/// Of the three digests: each has one length, so that no other three are told by the same bytes.
std::optional<Sha256> digest_of(const X509& leaf, const X509& authority, const X509& root) {
    Hasher<Sha256> all;
    for (const X509* certificate : {&leaf, &authority, &root}) {
        unsigned char* encoded = nullptr;
        const int size = i2d_X509(certificate, &encoded);
        if (size <= 0) {
            ERR_clear_error();
            return std::nullopt;
        }
        all.update(sha256({encoded, static_cast<std::size_t>(size)}));
        OPENSSL_free(encoded);
    }
    return all.finish();
}

bool is_of_time(const X509& certificate, std::time_t at) {
    // X509_cmp_time() answers 0 where a time can't be read, and takes "equal" for earlier: so does verify_path().
    return X509_cmp_time(X509_get0_notBefore(&certificate), &at) < 0 &&
           X509_cmp_time(X509_get0_notAfter(&certificate), &at) > 0;
}

}  // namespace

bool VerifiedPaths::holds(const X509& leaf, const X509& authority, const X509& root, std::time_t at) {
    if (!is_of_time(leaf, at) || !is_of_time(authority, at) || !is_of_time(root, at)) return false;
    const auto digest = digest_of(leaf, authority, root);
    if (!digest) return false;
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(*digest);
    if (found == kept_.end()) return false;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return true;
}

void VerifiedPaths::keep(const X509& leaf, const X509& authority, const X509& root) {
    const auto digest = digest_of(leaf, authority, root);
    if (!digest) return;
    const std::lock_guard lock(mutex_);
    if (most_ == 0 || kept_.contains(*digest)) return;
    if (kept_.size() == most_) {
        kept_.erase(by_use_.back());
        by_use_.pop_back();
    }
    by_use_.push_front(*digest);
    kept_.emplace(*digest, by_use_.begin());
}

std::size_t VerifiedPaths::count() const {
    const std::lock_guard lock(mutex_);
    return kept_.size();
}

}  // namespace hallmark::verifier
