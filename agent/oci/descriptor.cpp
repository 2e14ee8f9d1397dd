// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/descriptor.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "agent/oci/text.hpp"
#include "common/json.hpp"

namespace hallmark::oci {
namespace {

constexpr std::size_t kLongestMediaType = 255;

/// RFC 6838, section 4.2: type, '/', subtype.
bool is_media_type(std::string_view text) {
    constexpr std::string_view kMarks = "!#$&-^_.+";
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size() || text.size() > kLongestMediaType)
        return false;
    const auto name = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kMarks.find(c) != std::string_view::npos;
    };
    return std::ranges::all_of(text.substr(0, slash), name) && std::ranges::all_of(text.substr(slash + 1), name);
}

Result<std::vector<std::string>> parse_urls(const JsonObject& object) {
    std::vector<std::string> urls;
    if (!object.has("urls")) return urls;
    HALLMARK_TRY(const Json* list, object.array("urls"));
    if (list->size() > kMostUrls)
        return bad_input(object.path_of("urls") + ": " + std::to_string(list->size()) + " entries, expected at most " +
                         std::to_string(kMostUrls));
    for (const auto& url : *list) {
        if (!url.is_string()) return bad_input(object.path_of("urls") + ": expected a list of strings");
        urls.push_back(url.get<std::string>());
    }
    return urls;
}

}  // namespace

Result<Annotations> parse_annotations(const JsonObject& object) {
    Annotations annotations;
    if (!object.has("annotations")) return annotations;
    HALLMARK_TRY(const JsonObject members, object.object("annotations"));
    const auto keys = members.keys();
    if (keys.size() > kMostAnnotations)
        return bad_input(members.where() + ": " + std::to_string(keys.size()) + " annotations, expected at most " +
                         std::to_string(kMostAnnotations));
    for (const auto& key : keys) {
        HALLMARK_TRY(std::string value, members.string(key));
        annotations.emplace(key, std::move(value));
    }
    return annotations;
}

Result<Platform> parse_platform(const JsonObject& object) {
    Platform platform;
    HALLMARK_TRY(platform.os, object.string("os"));
    HALLMARK_TRY(platform.architecture, object.string("architecture"));
    if (object.has("variant")) {
        HALLMARK_TRY(platform.variant, object.string("variant"));
    }
    return platform;
}

Result<Descriptor> parse_descriptor(const JsonObject& object) {
    Descriptor descriptor;
    HALLMARK_TRY(descriptor.media_type, object.string("mediaType"));
    if (!is_media_type(descriptor.media_type))
        return bad_input(object.path_of("mediaType") + ": found '" + printable(descriptor.media_type) +
                         "', expected a media type (RFC 6838)");
    HALLMARK_TRY(const std::string digest, object.string("digest"));
    auto parsed = Digest::parse(digest);
    if (!parsed) return std::unexpected(parsed.error().at(object.path_of("digest")));
    descriptor.digest = std::move(*parsed);
    HALLMARK_TRY(descriptor.size, object.number("size"));
    if (descriptor.size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return bad_input(object.path_of("size") + ": found " + std::to_string(descriptor.size) +
                         ", expected less than 2⁶³ bytes");
    HALLMARK_TRY(descriptor.urls, parse_urls(object));
    HALLMARK_TRY(descriptor.annotations, parse_annotations(object));
    if (object.has("platform")) {
        HALLMARK_TRY(const JsonObject platform, object.object("platform"));
        HALLMARK_TRY(descriptor.platform, parse_platform(platform));
    }
    return descriptor;
}

}  // namespace hallmark::oci
