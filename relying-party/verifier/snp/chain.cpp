// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/chain.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/hex.hpp"
#include "relying-party/verifier/snp/roots.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "relying-party/verifier/x509/path.hpp"
#include "relying-party/verifier/x509/pin.hpp"

namespace hallmark::verifier {
namespace {

/// More certificates of one name than any honest collection has are not tried.
constexpr std::size_t kMostIssuers = 8;

/// AMD signs all of them with RSASSA-PSS and SHA-384 (publication 57230, chapter 3).
Status check_algorithm(X509& certificate, std::string_view role) {
    int digest = NID_undef;
    int key = NID_undef;
    if (X509_get_signature_info(&certificate, &digest, &key, nullptr, nullptr) != 1 || digest != NID_sha384 ||
        key != NID_rsassaPss)
        return refused(std::string(role) + " is not signed with RSASSA-PSS and SHA-384");
    return {};
}

std::string_view authority_of(KeyKind kind) { return kind == KeyKind::kVcek ? "ASK" : "ASVK"; }

}  // namespace

std::vector<X509*> ChainBuilder::issuers_of(X509& certificate) const {
    std::vector<X509*> issuers;
    const X509_NAME* name = X509_get_issuer_name(&certificate);
    for (X509* offered : offered_)
        if (issuers.size() < kMostIssuers && X509_NAME_cmp(X509_get_subject_name(offered), name) == 0)
            issuers.push_back(offered);
    return issuers;
}

Result<std::optional<ChainBuilder::GoodRoot>> ChainBuilder::judge_root(const X509& root) const {
    HALLMARK_TRY(const Sha256 spki, spki_digest(root));
    const auto line = line_of_root(spki);
    if (roots_.amd && line) return GoodRoot{.simulated = false, .line = line};
    if (roots_.simulated.empty()) return std::nullopt;
    HALLMARK_TRY(const Bytes der, to_der(root));
    if (std::ranges::none_of(roots_.simulated, [&](const Bytes& known) { return equal(der, known); }))
        return std::nullopt;
    return GoodRoot{.simulated = !line.has_value(), .line = line};
}

bool ChainBuilder::complete(X509& leaf) const {
    for (X509* authority : issuers_of(leaf))
        for (X509* root : issuers_of(*authority))
            if (const auto good = judge_root(*root); good && *good) return true;
    return false;
}

Result<Chain> ChainBuilder::verify_one(const Chain& chain, const GoodRoot& root, const EndorsementKey& key) const {
    const std::string kind(name_of(key.kind));
    const std::string authority(authority_of(key.kind));
    HALLMARK_CHECK(check_algorithm(*chain.leaf, kind));
    HALLMARK_CHECK(check_algorithm(*chain.authority, authority));
    HALLMARK_CHECK(check_algorithm(*chain.root, "root"));
    if (verified_ == nullptr || !verified_->holds(*chain.leaf, *chain.authority, *chain.root, at_))
        HALLMARK_CHECK(
            verify_path(*chain.leaf, *chain.authority, *chain.root, "a " + kind + " signed by the " + authority, at_));
    if (root.line && *root.line != key.line)
        return refused(kind + ": a " + key.product_name + " under the root of " +
                       std::string(snp::name_of(*root.line)));
    return chain;
}

Result<Chain> ChainBuilder::verify_under(X509& leaf, X509& authority, const EndorsementKey& key) const {
    std::optional<Error> reason;
    const X509* other = nullptr;
    for (X509* root : issuers_of(authority)) {
        HALLMARK_TRY(const auto good, judge_root(*root));
        if (!good) {
            other = root;
            continue;
        }
        auto chain = verify_one({&leaf, &authority, root, good->simulated}, *good, key);
        if (chain) return chain;
        if (!reason) reason = chain.error();
    }
    // Two roots may have one name, and the trusted one need not be the one that signed.
    const bool by_other = other != nullptr && X509_verify(&authority, X509_get0_pubkey(other)) == 1;
    ERR_clear_error();
    if (reason && !by_other) return std::unexpected(*reason);
    if (other == nullptr)
        return refused("the root above '" + common_name(authority) + "' is missing; give the ARK's certificate");
    HALLMARK_TRY(const Sha256 spki, spki_digest(*other));
    return refused("the report is signed by another chain: its root '" + common_name(*other) +
                   "' has the key with SHA-256 " + to_hex(spki) + ", which is not " +
                   (roots_.amd ? "one of AMD's" : "the trusted root's"));
}

Result<Chain> ChainBuilder::verify(X509& leaf, const EndorsementKey& key) const {
    std::optional<Error> reason;
    for (X509* authority : issuers_of(leaf)) {
        auto chain = verify_under(leaf, *authority, key);
        if (chain) return chain;
        if (!reason) reason = chain.error();
    }
    if (reason) return std::unexpected(*reason);
    return refused("the " + std::string(authority_of(key.kind)) + " that signed '" + common_name(leaf) +
                   "' is missing; give its certificate and the root's");
}

}  // namespace hallmark::verifier
