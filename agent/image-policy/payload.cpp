// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/payload.hpp"

#include <cmath>
#include <utility>

#include "agent/oci/text.hpp"
#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::image_policy {
namespace {

std::string_view type_of(PayloadKind kind) {
    return kind == PayloadKind::kSimpleSigning ? "atomic container signature" : "cosign container image signature";
}

Status check_optional(const Json& optional, PayloadKind kind, const std::string& where) {
    if (kind == PayloadKind::kCosign && optional.is_null()) return {};
    HALLMARK_TRY(const JsonObject object, JsonObject::of(optional, where));
    if (object.has("creator")) HALLMARK_CHECK(object.string("creator"));
    if (!object.has("timestamp")) return {};
    const Json& timestamp = optional["timestamp"];
    const bool whole = timestamp.is_number_integer() ||
                       (timestamp.is_number_float() && std::trunc(timestamp.get<double>()) == timestamp.get<double>());
    if (!whole) return bad_input(object.path_of("timestamp") + ": found another value, expected a whole number");
    return {};
}

}  // namespace

Result<Payload> parse_payload(ByteSpan text, PayloadKind kind, const std::string& what) {
    if (text.size() > kLargestPayload)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestPayload));
    HALLMARK_TRY(const Json json, parse_json(text_of(text), what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    HALLMARK_CHECK(object.only({"critical", "optional"}));
    if (!object.has("optional")) return bad_input(object.path_of("optional") + ": missing");
    HALLMARK_CHECK(check_optional(json["optional"], kind, object.path_of("optional")));
    HALLMARK_TRY(const JsonObject critical, object.object("critical"));
    HALLMARK_CHECK(critical.only({"type", "image", "identity"}));
    HALLMARK_TRY(const std::string type, critical.string("type"));
    if (type != type_of(kind))
        return bad_input(critical.path_of("type") + ": found '" + oci::printable(type) + "', expected '" +
                         std::string(type_of(kind)) + "'");
    HALLMARK_TRY(const JsonObject image, critical.object("image"));
    HALLMARK_CHECK(image.only({"docker-manifest-digest"}));
    HALLMARK_TRY(const std::string digest, image.string("docker-manifest-digest"));
    Payload payload;
    auto parsed = oci::Digest::parse(digest);
    if (!parsed) return std::unexpected(parsed.error().at(image.path_of("docker-manifest-digest")));
    payload.manifest = std::move(*parsed);
    HALLMARK_TRY(const JsonObject identity, critical.object("identity"));
    HALLMARK_CHECK(identity.only({"docker-reference"}));
    HALLMARK_TRY(payload.reference, identity.string("docker-reference"));
    return payload;
}

}  // namespace hallmark::image_policy
