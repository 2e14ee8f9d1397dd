// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/requirement.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "agent/oci/text.hpp"
#include "common/base64.hpp"

namespace hallmark::image_policy {
namespace {

/// What sigstoreSigned may also ask for: certificates of Fulcio or another authority, and entries in Rekor's log.
constexpr std::array<std::string_view, 6> kNotSupported = {
    "fulcio", "pki", "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"};

Status add_place(std::string text, const std::string& where, TrustedKeys& keys) {
    if (!text.starts_with('/') && !text.starts_with("kbs:///"))
        return bad_input(where + ": found '" + oci::printable(text) + "', expected an absolute path or a kbs:/// URI");
    keys.places.push_back(std::move(text));
    return {};
}

/// Base64, or the text of the key itself, as the guest components of CoCo take it.
Status add_data(std::string text, const std::string& where, TrustedKeys& keys) {
    if (text.starts_with("-----BEGIN ")) {
        const auto bytes = as_bytes(text);
        keys.data.emplace_back(bytes.begin(), bytes.end());
        return {};
    }
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    auto bytes = from_base64(text);
    if (!bytes) return std::unexpected(bytes.error().at(where));
    if (bytes->empty()) return bad_input(where + ": empty, expected a key");
    keys.data.push_back(std::move(*bytes));
    return {};
}

using Add = Status (*)(std::string text, const std::string& where, TrustedKeys& keys);

Status add_list(const JsonObject& object, std::string_view key, Add add, TrustedKeys& keys) {
    HALLMARK_TRY(const Json* const list, object.array(key));
    const std::string where = object.path_of(key);
    if (list->empty() || list->size() > kMostKeys)
        return bad_input(where + ": " + std::to_string(list->size()) + " keys, expected 1 to " +
                         std::to_string(kMostKeys));
    for (const auto& element : *list) {
        if (!element.is_string()) return bad_input(where + ": found another value, expected strings");
        HALLMARK_CHECK(add(element.get<std::string>(), where, keys));
    }
    return {};
}

struct KeyMember {
    std::string_view name;
    bool is_list;
    Add add;
};
constexpr std::array<KeyMember, 4> kKeyMembers = {{{"keyPath", false, add_place},
                                                   {"keyPaths", true, add_place},
                                                   {"keyData", false, add_data},
                                                   {"keyDatas", true, add_data}}};

/// Exactly one of the members tells the keys.
Result<TrustedKeys> read_keys(const JsonObject& object, std::span<const KeyMember> members) {
    const KeyMember* found = nullptr;
    for (const auto& member : members) {
        if (!object.has(member.name)) continue;
        if (found != nullptr)
            return bad_input(object.path_of(member.name) + ": found beside " + std::string(found->name) +
                             ", expected one of them");
        found = &member;
    }
    if (found == nullptr)
        return bad_input(object.where() + ": no key; expected one of keyPath, keyPaths, keyData" +
                         (members.size() == kKeyMembers.size() ? " and keyDatas" : ""));
    TrustedKeys keys;
    if (found->is_list) {
        HALLMARK_CHECK(add_list(object, found->name, found->add, keys));
    } else {
        HALLMARK_TRY(std::string text, object.string(found->name));
        HALLMARK_CHECK(found->add(std::move(text), object.path_of(found->name), keys));
    }
    return keys;
}

Result<SignedIdentity> read_identity(const JsonObject& object) {
    if (!object.has("signedIdentity")) return SignedIdentity{};
    HALLMARK_TRY(const JsonObject identity, object.object("signedIdentity"));
    return SignedIdentity::parse(identity);
}

Result<Requirement> parse_signed_by(const JsonObject& object) {
    HALLMARK_CHECK(object.only({"type", "keyType", "keyPath", "keyPaths", "keyData", "signedIdentity"}));
    HALLMARK_TRY(const std::string key_type, object.string("keyType"));
    if (key_type != "GPGKeys")
        return bad_input(object.path_of("keyType") + ": found '" + oci::printable(key_type) +
                         "', which is not supported; expected GPGKeys");
    SignedBy requirement;
    HALLMARK_TRY(requirement.keys, read_keys(object, std::span(kKeyMembers).first(3)));
    HALLMARK_TRY(requirement.identity, read_identity(object));
    return Requirement(std::move(requirement));
}

Result<Requirement> parse_sigstore(const JsonObject& object) {
    for (const auto key : kNotSupported)
        if (object.has(key))
            return bad_input(object.path_of(key) +
                             ": not supported; sign with a key and name it by keyPath or keyData");
    HALLMARK_CHECK(object.only({"type", "keyPath", "keyPaths", "keyData", "keyDatas", "signedIdentity"}));
    SigstoreSigned requirement;
    HALLMARK_TRY(requirement.keys, read_keys(object, kKeyMembers));
    HALLMARK_TRY(requirement.identity, read_identity(object));
    return Requirement(std::move(requirement));
}

}  // namespace

std::string_view name_of(const Requirement& requirement) {
    constexpr std::array<std::string_view, 4> kNames = {"insecureAcceptAnything", "reject", "signedBy",
                                                        "sigstoreSigned"};
    return kNames[requirement.index()];
}

Result<Requirement> parse_requirement(const JsonObject& object) {
    HALLMARK_TRY(const std::string type, object.string("type"));
    if (type == "signedBy") return parse_signed_by(object);
    if (type == "sigstoreSigned") return parse_sigstore(object);
    if (type != "insecureAcceptAnything" && type != "reject")
        return bad_input(object.path_of("type") + ": found '" + oci::printable(type) +
                         "', expected insecureAcceptAnything, reject, signedBy or sigstoreSigned");
    HALLMARK_CHECK(object.only({"type"}));
    return type == "reject" ? Requirement(Reject{}) : Requirement(AcceptAnything{});
}

}  // namespace hallmark::image_policy
