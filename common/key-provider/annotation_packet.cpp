// SPDX-License-Identifier: Apache-2.0
#include "common/key-provider/annotation_packet.hpp"

#include "common/base64.hpp"
#include "common/json.hpp"
#include "common/json_base64.hpp"

namespace hallmark::key_provider {
namespace {

constexpr std::string_view kWhat = "annotation packet";
constexpr std::string_view kVersion = "0.1.0";
constexpr std::string_view kProvider = "kbs";

/// The field says this, or is not there, as in version 1.
Status expect(const JsonObject& object, std::string_view key, std::string_view value) {
    if (!object.has(key)) return {};
    HALLMARK_TRY(const std::string found, object.string(key));
    // What was found came from outside and stays out of the error.
    if (found != value) return bad_input(object.path_of(key) + ": another value, expected " + std::string(value));
    return {};
}

}  // namespace

Result<AnnotationPacket> parse_annotation_packet(std::string_view text) {
    HALLMARK_TRY(const Json json, parse_json(text, kWhat));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, std::string(kWhat)));
    HALLMARK_CHECK(object.only(
        {"kid", "wrapped_data", "iv", "wrap_type", "version", "provider", "provider_settings", "annotations"}));
    HALLMARK_CHECK(expect(object, "version", kVersion));
    HALLMARK_CHECK(expect(object, "provider", kProvider));
    AnnotationPacket packet;
    HALLMARK_TRY(const std::string wrap_type, object.string("wrap_type"));
    HALLMARK_TRY(packet.wrap_type, parse_wrap_type(wrap_type, object.path_of("wrap_type")));
    HALLMARK_TRY(packet.kid, object.string("kid"));
    HALLMARK_TRY(packet.wrapped_data, base64_of(object, "wrapped_data"));
    HALLMARK_TRY(packet.iv, base64_of(object, "iv"));
    return packet;
}

std::string write_annotation_packet(const AnnotationPacket& packet) {
    const Json json{{"kid", packet.kid},
                    {"wrapped_data", to_base64(packet.wrapped_data)},
                    {"iv", to_base64(packet.iv)},
                    {"wrap_type", name_of(packet.wrap_type)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hallmark::key_provider
