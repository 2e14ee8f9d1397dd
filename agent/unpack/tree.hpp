// SPDX-License-Identifier: Apache-2.0
// The folder that a layer is unpacked into: finding folders in it, making those that are missing, taking things away.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/unpack/attributes.hpp"
#include "agent/unpack/entry_name.hpp"
#include "agent/unpack/folder_attributes.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

/// Only for looking into, not for reading (O_PATH).
using Folder = std::shared_ptr<const FileDescriptor>;

class Tree {
public:
    /// `root`: an open folder, empty, in which nobody else works; stays the caller's.
    Tree(int root, Rights rights) : root_(root), rights_(rights) {}

    /// What a path from the root leads to, links followed as resolve() does. What is missing is made, and what an
    /// earlier whiteout hides becomes a folder of which nothing below shows.
    Result<Folder> folder(const std::string& path);
    /// The same, but nothing is made: no folder where there is none, or a whiteout is.
    Result<Folder> existing_folder(const std::string& path);

    /// A folder of this name, there already or made, and its number.
    Result<ino_t> make_folder(const Folder& in, const std::string& name);
    /// Whatever has this name, with all that is in it.
    Status remove(const Folder& from, const std::string& name);
    Status make_opaque(const Folder& in, const std::string& name);

    /// What folders get in the end; of those that nobody described: root's, 0755, of 1970, and the mark kImplied.
    FolderAttributes& attributes() { return attributes_; }
    Status finish() { return attributes_.apply(root_, rights_); }

private:
    Result<Folder> make_missing(const std::string& path);
    Status remove_content(int folder, std::size_t depth);
    Status remove_at(int folder, const std::string& name, std::size_t depth);
    Folder remember(const std::string& path, FileDescriptor folder);

    const int root_;
    const Rights rights_;
    FolderAttributes attributes_;
    /// Where entries went last, newest first: most go where the one before went, or beside.
    std::vector<std::pair<std::string, Folder>> recent_;
};

/// What overlayfs takes for a whiteout: a character device 0/0.
[[nodiscard]] bool is_whiteout(const struct stat& status);

}  // namespace hallmark::unpack
