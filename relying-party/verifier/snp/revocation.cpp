// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/revocation.hpp"

#include <string>

#include "relying-party/verifier/x509/crl.hpp"
#include "relying-party/verifier/x509/path.hpp"

namespace hallmark::verifier {
namespace {

/// Refuses where the list revokes the authority; `current` becomes true where it is one of that time.
Status look(ByteSpan list, const Chain& chain, std::time_t at, bool& current) {
    const auto revoked = is_revoked(*chain.authority, list, *chain.root, at);
    if (revoked && *revoked)
        return refused("certificate '" + common_name(*chain.authority) + "' is revoked by '" +
                       common_name(*chain.root) + "'");
    current = current || revoked.has_value();
    return {};
}

}  // namespace

Result<bool> check_revocation(const Chain& chain, std::span<const ByteSpan> of_evidence, const EndorsementKey& key,
                              const SnpTrust& trust, std::time_t at) {
    bool chosen = false;
    bool current = false;
    for (const ByteSpan list : of_evidence) HALLMARK_CHECK(look(list, chain, at, chosen));
    for (const auto& list : trust.revocation_lists) HALLMARK_CHECK(look(list, chain, at, current));
    std::string why = "none was given";
    if (trust.source != nullptr && !chain.simulated) {
        const auto fetched = trust.source->revocation_list(key.line, key.kind, at);
        if (fetched) HALLMARK_CHECK(look(*fetched, chain, at, current));
        why = fetched ? "AMD's is not of that time" : fetched.error().message;
    } else {
        current = current || chosen;
    }
    if (!current && trust.revocation_required)
        return refused("no current revocation list of '" + common_name(*chain.root) + "': " + why);
    return current;
}

}  // namespace hallmark::verifier
