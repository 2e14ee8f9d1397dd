// SPDX-License-Identifier: Apache-2.0
#include "common/jose/jwe_members.hpp"

#include "common/base64.hpp"
#include "common/jose/jwe.hpp"

namespace hallmark::jose {

Result<Bytes> decoded(const JsonObject& object, std::string_view member, std::size_t smallest, std::size_t largest) {
    HALLMARK_TRY(const std::string text, object.string(member));
    auto bytes = text.size() > (largest + 2) / 3 * 4 ? Result<Bytes>(bad_input("too long")) : from_base64url(text);
    if (!bytes) return std::unexpected(bytes.error().at(object.path_of(member)));
    if (bytes->size() < smallest || bytes->size() > largest)
        return bad_input(object.path_of(member) + ": " + std::to_string(bytes->size()) + " bytes, expected " +
                         std::to_string(smallest) +
                         (smallest == largest ? std::string() : " to " + std::to_string(largest)));
    return bytes;
}

Result<Jwk> parse_ephemeral_key(const JsonObject& header, const Jwk& own) {
    HALLMARK_TRY(const auto object, header.object("epk"));
    Json members = Json::object();
    for (const auto& name : object.keys()) {
        if (name == "alg") continue;
        HALLMARK_TRY(members[name], object.string(name));
    }
    members["alg"] = name_of(own.algorithm());
    HALLMARK_TRY(const Jwk key, Jwk::parse(members, header.path_of("epk")));
    if (key.algorithm() != own.algorithm() || key.json().value("crv", "") != own.json().value("crv", ""))
        return bad_input(header.path_of("epk") + ": not on the curve of the key that decrypts");
    return key;
}

Result<Sealed> sealed_content(const JsonObject& object) {
    Sealed sealed;
    HALLMARK_TRY(sealed.iv, decoded(object, "iv", kInitialisationVectorSize, kInitialisationVectorSize));
    HALLMARK_TRY(sealed.ciphertext, decoded(object, "ciphertext", 0, kLongestPlaintext));
    HALLMARK_TRY(sealed.tag, decoded(object, "tag", kTagSize, kTagSize));
    return sealed;
}

}  // namespace hallmark::jose
