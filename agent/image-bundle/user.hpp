// SPDX-License-Identifier: Apache-2.0
// Who a container's first process is: what an image or a request calls it, looked up in the container's own files.
// Source: OCI Image Format Specification 1.1, config.md, "User"; passwd(5), group(5).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::bundle {

struct User {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> additional_gids;  ///< in the order of /etc/group, without `gid`
    std::string home = "/";
};

/// The texts of /etc/passwd and /etc/group; empty where the image has none.
struct Accounts {
    std::string passwd;
    std::string group;
};

/// Reads them inside a root: no link in the image leads out of it, and each file is at most 1 MiB.
Result<Accounts> read_accounts(const std::filesystem::path& root);

/// "", "user", "uid", "user:group", "uid:gid", "uid:group" or "user:gid". Where no group is named it is the user's own
/// and those that list the user; for a number without an entry, 0. A name without an entry is an error.
Result<User> find_user(std::string_view name, const Accounts& accounts);

}  // namespace hallmark::bundle
