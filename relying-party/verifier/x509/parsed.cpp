// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/parsed.hpp"

namespace hallmark::verifier {
namespace {

openssl::Certificate shared(X509* certificate) {
    return openssl::Certificate(X509_up_ref(certificate) == 1 ? certificate : nullptr);
}

}  // namespace

openssl::Certificate ParsedCertificates::find(const Sha256& bytes) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(bytes);
    return found == kept_.end() ? nullptr : shared(found->second.get());
}

void ParsedCertificates::keep(const Sha256& bytes, X509& certificate) {
    const std::lock_guard lock(mutex_);
    if (most_ == 0 || kept_.contains(bytes)) return;
    if (kept_.size() == most_) {
        kept_.erase(by_age_.front());
        by_age_.pop_front();
    }
    kept_.emplace(bytes, shared(&certificate));
    by_age_.push_back(bytes);
}

}  // namespace hallmark::verifier
