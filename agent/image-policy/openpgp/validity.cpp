// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/validity.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/image-policy/openpgp/verify.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

std::string key_name(const PublicKey& key) { return "key " + key.id(); }

/// The newest signature that holds, and why the last of the others did not.
struct Newest {
    const Signature* found = nullptr;
    std::string otherwise;

    void offer(const Signature& signature, const Status& holds) {
        if (!holds)
            otherwise = holds.error().message;
        else if (found == nullptr || *signature.says.created >= *found->says.created)
            found = &signature;
    }
};

bool is_certification(SignatureType type) {
    return type >= SignatureType::kGenericCertification && type <= SignatureType::kPositiveCertification;
}

/// By the primary key, over these bytes, in its time.
Status holds(const Signature& signature, const PublicKey& primary, std::initializer_list<ByteSpan> data,
             std::int64_t now) {
    if (!signature.names(primary)) return refused("made by key " + signature.issuer());
    HALLMARK_CHECK(verify(signature, primary, data, "self-signature"));
    return in_time(signature, primary, now);
}

/// A revocation of this type among the claims; it counts although it may be of the future, and whoever it names: that
/// may stand where it is not signed, or nowhere.
bool revoked(const Claims& claims, SignatureType type, const PublicKey& primary, std::initializer_list<ByteSpan> data) {
    if (claims.unreadable_revocation) return true;
    return std::ranges::any_of(claims.signatures, [&](const Signature& signature) {
        return signature.type == type && verify(signature, primary, data, "revocation").has_value();
    });
}

/// A revocation by somebody else, whom the certificate may have named.
bool revoked_by_another(const Certificate& certificate) {
    const auto names_revoker = [](const Signature& signature) { return signature.says.names_revoker; };
    const auto by_another = [&](const Signature& signature) {
        return signature.type == SignatureType::kKeyRevocation && !signature.names(certificate.primary);
    };
    return std::ranges::any_of(certificate.claims.signatures, by_another) &&
           std::ranges::any_of(certificate.claims.signatures, names_revoker);
}

/// What the owner last said of the primary key: directly, or with a user ID that was not revoked.
Newest self_signature(const Certificate& certificate, std::int64_t now) {
    const PublicKey& primary = certificate.primary;
    Newest newest;
    newest.otherwise = certificate.claims.unreadable;
    for (const auto& signature : certificate.claims.signatures)
        if (signature.type == SignatureType::kDirectKey)
            newest.offer(signature, holds(signature, primary, {primary.hashed()}, now));
    for (const auto& id : certificate.user_ids) {
        if (!id.claims.unreadable.empty()) newest.otherwise = id.claims.unreadable;
        if (revoked(id.claims, SignatureType::kCertificationRevocation, primary, {primary.hashed(), id.hashed}))
            continue;
        for (const auto& signature : id.claims.signatures)
            if (is_certification(signature.type) && signature.names(primary))
                newest.offer(signature, holds(signature, primary, {primary.hashed(), id.hashed}, now));
    }
    return newest;
}

Status not_expired(const PublicKey& key, const Signature& binding, std::int64_t now) {
    const auto after = binding.says.key_expires_after;
    if (after == 0 || now < std::int64_t{key.created()} + after) return {};
    return refused(key_name(key) + " expired " + std::to_string(now - key.created() - after) + " seconds ago");
}

/// The primary key stands; its newest self-signature.
Result<const Signature*> stands(const Certificate& certificate, std::int64_t now) {
    const PublicKey& primary = certificate.primary;
    if (primary.handle() == nullptr) return refused(key_name(primary) + ": " + primary.why_not());
    if (revoked(certificate.claims, SignatureType::kKeyRevocation, primary, {primary.hashed()}) ||
        revoked_by_another(certificate))
        return refused(key_name(primary) + " is revoked");
    const Newest newest = self_signature(certificate, now);
    if (newest.found == nullptr)
        return refused(key_name(primary) + " has no self-signature that holds" +
                       (newest.otherwise.empty() ? "" : " (" + newest.otherwise + ")"));
    HALLMARK_CHECK(not_expired(primary, *newest.found, now));
    return newest.found;
}

/// The subkey says that it belongs to the primary key: else somebody could pass off another's signatures as theirs.
Status bound_back(const Signature& binding, const Certificate& certificate, const Subkey& subkey, std::int64_t now) {
    const std::string what = key_name(subkey.key) + ": its own signature over the binding";
    if (binding.says.embedded.empty()) return refused(what + " is missing");
    auto back = Signature::parse(binding.says.embedded, what);
    if (!back) return refused(std::move(back.error().message));
    if (back->type != SignatureType::kPrimaryKeyBinding) return refused(what + " is of another type");
    HALLMARK_CHECK(verify(*back, subkey.key, {certificate.primary.hashed(), subkey.key.hashed()}, what));
    return in_time(*back, subkey.key, now);
}

}  // namespace

Status in_time(const Signature& signature, const PublicKey& key, std::int64_t now) {
    const std::int64_t created = *signature.says.created;
    if (created > now)
        return refused("a signature made " + std::to_string(created - now) + " seconds after now; is the clock right?");
    if (created < key.created()) return refused("a signature older than its " + key_name(key));
    const auto after = signature.says.expires_after;
    if (after != 0 && now >= created + after)
        return refused("a signature that expired " + std::to_string(now - created - after) + " seconds ago");
    return {};
}

Status may_sign(const Certificate& certificate, std::int64_t now) {
    HALLMARK_TRY(const Signature* const self, stands(certificate, now));
    // Keys from before there were flags have none, and may do what their algorithm can.
    if (self->says.key_flags && (*self->says.key_flags & kMaySign) == 0)
        return refused(key_name(certificate.primary) + " is not meant for signing");
    return {};
}

Status may_sign(const Certificate& certificate, const Subkey& subkey, std::int64_t now) {
    HALLMARK_CHECK(stands(certificate, now));
    const PublicKey& primary = certificate.primary;
    if (subkey.key.handle() == nullptr) return refused(key_name(subkey.key) + ": " + subkey.key.why_not());
    if (revoked(subkey.claims, SignatureType::kSubkeyRevocation, primary, {primary.hashed(), subkey.key.hashed()}))
        return refused(key_name(subkey.key) + " is revoked");
    Newest newest;
    newest.otherwise = subkey.claims.unreadable;
    for (const auto& signature : subkey.claims.signatures)
        if (signature.type == SignatureType::kSubkeyBinding)
            newest.offer(signature, holds(signature, primary, {primary.hashed(), subkey.key.hashed()}, now));
    if (newest.found == nullptr)
        return refused(key_name(subkey.key) + " has no binding to key " + primary.id() + " that holds" +
                       (newest.otherwise.empty() ? "" : " (" + newest.otherwise + ")"));
    HALLMARK_CHECK(not_expired(subkey.key, *newest.found, now));
    if ((newest.found->says.key_flags.value_or(0) & kMaySign) == 0)
        return refused(key_name(subkey.key) + " is not meant for signing");
    return bound_back(*newest.found, certificate, subkey, now);
}

}  // namespace hallmark::image_policy::openpgp
