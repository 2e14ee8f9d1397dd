// SPDX-License-Identifier: Apache-2.0
// What folders get at the end: until then they have to be filled, and filling changes their times.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <unordered_map>

#include "agent/unpack/attributes.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

/// Mode of a folder while it is filled.
inline constexpr mode_t kWhileFilled = 0700;

class FolderAttributes {
public:
    /// `path`: from the root, one that leads to the folder now. Replaces what was there for the same folder.
    void set(ino_t folder, std::string path, const Attributes& attributes);
    /// The folder is gone.
    void forget(ino_t folder) { folders_.erase(folder); }
    /// All of them. `root`: the folder from whose root the paths are.
    Status apply(int root, Rights rights) const;

private:
    struct Folder {
        std::string path;
        Attributes attributes;
    };
    /// All on one file system, so that the number alone names a folder, whatever leads there in the end.
    std::unordered_map<ino_t, Folder> folders_;
};

}  // namespace hallmark::unpack
