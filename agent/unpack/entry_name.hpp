// SPDX-License-Identifier: Apache-2.0
// Where an entry belongs, and whether it says that something is gone.
// Source: OCI Image Format Specification 1.1.0, layer.md, section "Whiteouts".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::unpack {

/// "usr/share" and "doc": a folder from the root ("" is the root itself), and a name in it.
struct Path {
    std::string folder;
    std::string name;  ///< empty: the root itself

    bool operator==(const Path&) const = default;
};

/// Of a name as it is in a tar: what is absolute or begins with "./" begins at the layer's root. Refused: "..",
/// components of more than 255 bytes.
Result<Path> path_of(std::string_view name);

/// "usr" and "share" of "usr/share".
Path split(std::string_view folder);

enum class Mark : std::uint8_t {
    kNone,      ///< an entry like any other
    kWhiteout,  ///< ".wh.NAME": NAME of the layers below is gone
    kOpaque,    ///< ".wh..wh..opq": all that the layers below have in this folder is gone
    kIgnored,   ///< ".wh..wh.…": AUFS' own, which nobody reads
};

struct Marked {
    Mark mark = Mark::kNone;
    std::string name;  ///< what a whiteout hides
};

/// What a name in a folder means.
Result<Marked> mark_of(std::string_view name);

}  // namespace hallmark::unpack
