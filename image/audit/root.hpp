// SPDX-License-Identifier: Apache-2.0
// A folder that is to become a guest's root: its files, and names resolved as the guest will resolve them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::audit {

class Root {
public:
    static Result<Root> open(const std::filesystem::path& folder);

    /// Every regular file as the guest names it ("/usr/bin/x"), sorted; links are not followed.
    Result<std::vector<std::string>> files() const;

    /// Where a file of files() lies on this host.
    [[nodiscard]] std::filesystem::path on_host(const std::string& name) const { return folder_ / name.substr(1); }

    /// Device and inode on this host: the same for every name that leads to one file.
    using Identity = std::pair<dev_t, ino_t>;

    /// The regular file that the guest finds under this name; a link's absolute target is the guest's own file.
    [[nodiscard]] std::optional<Identity> find(const std::string& name) const;
    [[nodiscard]] bool has(const std::string& name) const { return find(name).has_value(); }

private:
    std::filesystem::path folder_;
    FileDescriptor descriptor_;
};

}  // namespace hallmark::audit
