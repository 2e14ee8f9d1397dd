// SPDX-License-Identifier: Apache-2.0
// The folder in which the data hub keeps what it was told to write. Names that come from a configuration or a sealed
// secret can't lead out of it: it is gone through one plain segment at a time, and none may be a link. openat2(2) does
// the same in one call, whose flags no filter of system calls can see.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::hub {

class SecretFolder {
public:
    /// Where it is in a guest: in memory.
    static constexpr std::string_view kPath = "/run/confidential-containers/cdh";

    /// Made, with the folders above it, where it is not there yet.
    static Result<SecretFolder> open(const std::filesystem::path& path = kPath);

    /// "sealed-secret/one" of "/run/confidential-containers/cdh/sealed-secret/one"; a path outside is an error, and so
    /// is one with an empty segment, "." or "..".
    [[nodiscard]] Result<std::string> name_of(std::string_view path) const;

    /// Whole or not at all, readable by its owner only (mode 0600), in the place of what is there; folders in its name
    /// are made.
    [[nodiscard]] Status write(const std::string& name, ByteSpan bytes) const;

    /// A regular file of at most `limit` bytes.
    [[nodiscard]] Result<Bytes> read(const std::string& name, std::size_t limit) const;

private:
    SecretFolder(FileDescriptor folder, std::string path) : folder_(std::move(folder)), path_(std::move(path)) {}
    [[nodiscard]] Error failed(const std::string& name) const;

    /// Where a name leads: the folder, and the last segment in it.
    struct Place {
        FileDescriptor folder;
        std::string last;
    };
    enum class Folders : bool { kAsTheyAre, kMade };
    [[nodiscard]] Result<Place> place_of(const std::string& name, Folders folders) const;

    FileDescriptor folder_;
    std::string path_;
};

}  // namespace hallmark::hub
