// SPDX-License-Identifier: Apache-2.0
// How a guest names what it wants of a key broker.
// Source: Confidential Containers, guest-components 8246e5e, KBS resource URI:
// kbs[+PLUGIN]://[HOST[:PORT]]/SEGMENT[/SEGMENT…][?QUERY]; the host says nothing, the guest knows its broker.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::kbs {

struct ResourceUri {
    std::string plugin = "resource";
    std::string path;   ///< "default/key/one": no segment is empty or begins with a dot
    std::string query;  ///< what stands behind '?'; empty: nothing

    /// A resource (without a plugin, or of the plugin "resource") has three segments: REPOSITORY/TYPE/TAG.
    static Result<ResourceUri> parse(std::string_view uri);

    [[nodiscard]] bool is_resource() const { return plugin == "resource"; }
    /// "resource/default/key/one": where it is below /kbs/v0/.
    [[nodiscard]] std::string target() const;
    /// "kbs:///default/key/one"
    [[nodiscard]] std::string text() const;
};

}  // namespace hallmark::kbs
