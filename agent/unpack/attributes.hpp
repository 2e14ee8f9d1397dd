// SPDX-License-Identifier: Apache-2.0
// Owner, mode, extended attributes and times of what was made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/unpack/entry.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

/// Whose rights the unpacking has.
enum class Rights : std::uint8_t {
    kRoot,  ///< owners as the layer says; marks for overlayfs as trusted.overlay.*
    kUser,  ///< everything belongs to the caller; marks as user.overlay.*, for mounts with the option userxattr
};

/// A folder that no entry describes, only the names of others: it is to look like the same folder of the layers below.
inline constexpr const char* kImplied = "trusted.hallmark.implied";
/// On a layer's top folder: there are such folders in it.
inline constexpr const char* kHasImplied = "trusted.hallmark.has-implied";

struct Attributes {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t mode = 0755;
    Time accessed{};
    Time modified{};
    bool implied = false;

    static Attributes of(const Entry& entry);
};

/// Of an open file or folder: before its extended attributes, since a new owner takes capabilities and setuid away.
Status set_owner(int fd, const Attributes& attributes, Rights rights);
/// And after them: then nobody but root may be able to write any more.
Status set_mode_and_times(int fd, const Attributes& attributes);
/// Both.
Status set_attributes(int fd, const Attributes& attributes, Rights rights);

/// Of what has this name in a folder, and is none of both: a link's own, not its target's.
Status set_attributes_at(int folder, const std::string& name, const Entry& entry, Rights rights);

/// user.* and security.capability, as other tools for images keep them; others mean nothing elsewhere, or would make a
/// layer depend on the host. Returns how many were left out, with user.* of a file system that has none.
/// trusted.overlay.* and user.overlay.* are refused: they would tell overlayfs what to show.
Result<std::size_t> set_xattrs(int fd, const Entry& entry);

/// How many there are, when nothing can be set on it; refuses as set_xattrs() does.
Result<std::size_t> pass_over_xattrs(const Entry& entry);

/// Sets kImplied or kHasImplied; with a user's rights there are no such marks, and such folders stay root's, 0755.
Status mark(int folder, const char* name, Rights rights);

/// Nothing of the layers below shows in this folder.
Status make_opaque(int folder, Rights rights);

}  // namespace hallmark::unpack
