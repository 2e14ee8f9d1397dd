// SPDX-License-Identifier: Apache-2.0
// The name of a resource of the key broker service.
// Source: Confidential Containers, KBS resource URI: kbs:///REPOSITORY/TYPE/TAG.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::keys {

/// Three segments, each [A-Za-z0-9_-][A-Za-z0-9_.-]* and at most 255 bytes; so no "..", no "/" inside.
struct ResourcePath {
    std::string repository;
    std::string type;
    std::string tag;

    /// From "repository/type/tag".
    static Result<ResourcePath> parse(std::string_view text);
    /// From "kbs:///repository/type/tag", also with a host or as kbs+resource.
    static Result<ResourcePath> of_uri(std::string_view uri);

    [[nodiscard]] std::string text() const { return repository + "/" + type + "/" + tag; }
    auto operator<=>(const ResourcePath&) const = default;
};

}  // namespace hallmark::keys
