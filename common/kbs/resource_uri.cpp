// SPDX-License-Identifier: Apache-2.0
#include "common/kbs/resource_uri.hpp"

#include <algorithm>
#include <cstddef>

namespace hallmark::kbs {
namespace {

constexpr std::size_t kLongestUri = 2048;
constexpr std::size_t kLongestSegment = 255;
constexpr std::size_t kResourceSegments = 3;
constexpr std::string_view kForm = "expected kbs:///REPOSITORY/TYPE/TAG or kbs+PLUGIN:///SEGMENT[/SEGMENT…][?QUERY]";

bool all_of(std::string_view text, std::string_view besides) {
    return std::ranges::all_of(text, [besides](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               besides.find(c) != std::string_view::npos;
    });
}

/// No '.' first: so none is "." or "..".
bool is_segment(std::string_view text) {
    return !text.empty() && text.size() <= kLongestSegment && text.front() != '.' && all_of(text, "_-.");
}

// The text itself stays out of errors: it comes from outside.
std::unexpected<Error> wrong(std::string_view what) {
    return bad_input("resource URI: " + std::string(what) + ", " + std::string(kForm));
}

Status check_path(const ResourceUri& uri) {
    std::size_t segments = 0;
    for (std::string_view rest = uri.path;;) {
        const auto end = rest.find('/');
        if (!is_segment(rest.substr(0, end)))
            return wrong("segment " + std::to_string(segments + 1) +
                         " is none of 1 to 255 letters, digits, '_', '-' and '.', no '.' first");
        ++segments;
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    if (uri.is_resource() && segments != kResourceSegments)
        return wrong(std::to_string(segments) + " segments, but a resource has 3");
    return {};
}

}  // namespace

Result<ResourceUri> ResourceUri::parse(std::string_view uri) {
    if (uri.size() > kLongestUri)
        return wrong(std::to_string(uri.size()) + " bytes, more than " + std::to_string(kLongestUri));
    const auto colon = uri.find("://");
    const auto scheme = uri.substr(0, colon);
    ResourceUri parsed;
    if (colon == std::string_view::npos || (scheme != "kbs" && !scheme.starts_with("kbs+")))
        return wrong("another scheme");
    if (scheme != "kbs") parsed.plugin = scheme.substr(4);
    if (!is_segment(parsed.plugin)) return wrong("the plugin has no name");
    const auto after = uri.substr(colon + 3);
    const auto slash = after.find('/');
    if (slash == std::string_view::npos) return wrong("no path");
    if (!all_of(after.substr(0, slash), ".-_:[]")) return wrong("the host is none");
    const auto rest = after.substr(slash + 1);
    const auto question = rest.find('?');
    parsed.path = rest.substr(0, question);
    if (question != std::string_view::npos) parsed.query = rest.substr(question + 1);
    if (!all_of(parsed.query, "_-.~%=&+,:;/?@!$'()*")) return wrong("the query has characters that must be encoded");
    HALLMARK_CHECK(check_path(parsed));
    return parsed;
}

std::string ResourceUri::target() const { return plugin + "/" + path + (query.empty() ? "" : "?" + query); }

std::string ResourceUri::text() const {
    return (is_resource() ? "kbs:///" : "kbs+" + plugin + ":///") + path + (query.empty() ? "" : "?" + query);
}

}  // namespace hallmark::kbs
