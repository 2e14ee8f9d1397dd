// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/entry_name.hpp"

#include <algorithm>

namespace hallmark::unpack {
namespace {

constexpr std::size_t kLongestComponent = 255;  // Linux' NAME_MAX
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOfAufs = ".wh..wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

}  // namespace

Path split(std::string_view folder) {
    const auto slash = folder.rfind('/');
    if (slash == std::string_view::npos) return {"", std::string(folder)};
    return {std::string(folder.substr(0, slash)), std::string(folder.substr(slash + 1))};
}

Result<Path> path_of(std::string_view name) {
    std::string path;
    while (!name.empty()) {
        const auto slash = std::min(name.find('/'), name.size());
        const auto component = name.substr(0, slash);
        name.remove_prefix(std::min(slash + 1, name.size()));
        if (component.empty() || component == ".") continue;
        if (component == "..") return bad_input("a name with '..' as a component, which could lead out of the layer");
        if (component.size() > kLongestComponent)
            return bad_input("a name with a component of " + std::to_string(component.size()) +
                             " bytes, expected at most " + std::to_string(kLongestComponent));
        if (!path.empty()) path += '/';
        path += component;
    }
    return split(path);
}

Result<Marked> mark_of(std::string_view name) {
    if (!name.starts_with(kWhiteout)) return Marked{};
    if (name == kOpaque) return Marked{Mark::kOpaque, {}};
    if (name.starts_with(kOfAufs)) return Marked{Mark::kIgnored, {}};
    const auto hidden = name.substr(kWhiteout.size());
    if (hidden.empty() || hidden == "." || hidden == "..") return bad_input("a whiteout of no name");
    return Marked{Mark::kWhiteout, std::string(hidden)};
}

}  // namespace hallmark::unpack
