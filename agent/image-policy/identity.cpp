// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/identity.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agent/oci/text.hpp"

namespace hallmark::image_policy {
namespace {

struct Name {
    std::string_view text;
    Match match;
};
constexpr std::array<Name, 6> kNames = {{
    {"matchExact", Match::kMatchExact},
    {"matchRepoDigestOrExact", Match::kMatchRepoDigestOrExact},
    {"matchRepository", Match::kMatchRepository},
    {"exactReference", Match::kExactReference},
    {"exactRepository", Match::kExactRepository},
    {"remapIdentity", Match::kRemapIdentity},
}};

/// Neither tag nor digest; Reference::parse() would take it for the tag "latest", and no signature means that.
bool is_name_only(std::string_view text) {
    const auto slash = text.rfind('/');
    const auto last = slash == std::string_view::npos ? text : text.substr(slash + 1);
    return text.find('@') == std::string_view::npos && last.find(':') == std::string_view::npos;
}

/// A name with a tag or digest as it stands in a signature; nothing where it is none.
std::optional<oci::Reference> exact(std::string_view text) {
    if (is_name_only(text)) return std::nullopt;
    auto reference = oci::Reference::parse(text);
    return reference ? std::optional(std::move(*reference)) : std::nullopt;
}

bool same_repository(const std::string& name, std::string_view signed_reference) {
    const auto parsed = oci::Reference::parse(signed_reference);
    return parsed && parsed->name() == name;
}

bool same_repo_digest_or_exact(const oci::Reference& image, std::string_view signed_reference) {
    const auto signed_for = exact(signed_reference);
    if (!signed_for) return false;
    // That the digest is the manifest's was seen before, and that the signature's is, will be.
    return image.digest ? signed_for->name() == image.name() : *signed_for == image;
}

/// What the image would be called where it comes from; as it is where the prefix is not its.
std::optional<oci::Reference> remapped(const oci::Reference& image, const SignedIdentity& identity) {
    const std::string name = image.name();
    const bool below = name.size() > identity.prefix.size() && name.starts_with(identity.prefix) &&
                       name[identity.prefix.size()] == '/';
    if (name != identity.prefix && !below) return image;
    const std::string text = identity.signed_prefix + image.text().substr(identity.prefix.size());
    auto parsed = oci::Reference::parse(text);
    // Only a name that is whole already: no docker.io is to be thought up in front of it.
    if (!parsed || parsed->text() != text) return std::nullopt;
    return std::move(*parsed);
}

/// A registry, or a registry with a path below it.
bool is_prefix(std::string_view text) {
    const auto slash = text.find('/');
    return oci::is_registry_host(text.substr(0, slash)) &&
           (slash == std::string_view::npos || oci::is_repository(text.substr(slash + 1)));
}

Status read_prefix(const JsonObject& object, std::string_view key, std::string& into) {
    HALLMARK_TRY(into, object.string(key));
    if (!is_prefix(into))
        return bad_input(object.path_of(key) + ": found '" + oci::printable(into) +
                         "', expected a registry, or one with a namespace or repository");
    return {};
}

Status read_reference(const JsonObject& object, std::string_view key, SignedIdentity& identity) {
    HALLMARK_TRY(identity.reference, object.string(key));
    if (auto parsed = oci::Reference::parse(identity.reference); !parsed)
        return std::unexpected(parsed.error().at(object.path_of(key)));
    if (identity.match == Match::kExactReference && is_name_only(identity.reference))
        return bad_input(object.path_of(key) + ": '" + identity.reference + "' has no tag and no digest");
    return {};
}

}  // namespace

Result<SignedIdentity> SignedIdentity::parse(const JsonObject& object) {
    HALLMARK_TRY(const std::string type, object.string("type"));
    const auto* const known = std::ranges::find(kNames, type, &Name::text);
    if (known == kNames.end())
        return bad_input(object.path_of("type") + ": found '" + oci::printable(type) +
                         "', expected matchExact, matchRepoDigestOrExact, matchRepository, exactReference, "
                         "exactRepository or remapIdentity");
    SignedIdentity identity;
    identity.match = known->match;
    switch (identity.match) {
        case Match::kMatchExact:
        case Match::kMatchRepoDigestOrExact:
        case Match::kMatchRepository:
            HALLMARK_CHECK(object.only({"type"}));
            break;
        case Match::kExactReference:
            HALLMARK_CHECK(object.only({"type", "dockerReference"}));
            HALLMARK_CHECK(read_reference(object, "dockerReference", identity));
            break;
        case Match::kExactRepository:
            HALLMARK_CHECK(object.only({"type", "dockerRepository"}));
            HALLMARK_CHECK(read_reference(object, "dockerRepository", identity));
            break;
        case Match::kRemapIdentity:
            HALLMARK_CHECK(object.only({"type", "prefix", "signedPrefix"}));
            HALLMARK_CHECK(read_prefix(object, "prefix", identity.prefix));
            HALLMARK_CHECK(read_prefix(object, "signedPrefix", identity.signed_prefix));
            break;
    }
    return identity;
}

bool SignedIdentity::accepts(const oci::Reference& image, std::string_view signed_reference) const {
    oci::Reference asked = image;
    if (asked.digest) asked.tag.clear();
    switch (match) {
        case Match::kMatchExact:
            return exact(signed_reference) == asked;
        case Match::kMatchRepoDigestOrExact:
            return same_repo_digest_or_exact(asked, signed_reference);
        case Match::kMatchRepository:
            return same_repository(asked.name(), signed_reference);
        case Match::kExactReference: {
            const auto expected = exact(reference);
            return expected && exact(signed_reference) == expected;
        }
        case Match::kExactRepository: {
            const auto expected = oci::Reference::parse(reference);
            return expected && same_repository(expected->name(), signed_reference);
        }
        case Match::kRemapIdentity: {
            const auto there = remapped(asked, *this);
            return there && same_repo_digest_or_exact(*there, signed_reference);
        }
    }
    return false;
}

std::string SignedIdentity::text() const {
    const auto* const known = std::ranges::find(kNames, match, &Name::match);
    std::string text(known == kNames.end() ? "" : known->text);
    if (!reference.empty()) text += " " + reference;
    if (!prefix.empty()) text += " " + prefix + " to " + signed_prefix;
    return text;
}

}  // namespace hallmark::image_policy
