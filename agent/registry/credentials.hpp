// SPDX-License-Identifier: Apache-2.0
// Who to be at which registry: containers-auth.json.
// Source: containers-auth.json(5) of containers/image 5.29; Docker's config.json, whose keys may be addresses.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "agent/oci/reference.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::registry {

struct Login {
    std::string user;
    Secret password;
    Secret identity_token;  ///< a refresh token of OAuth 2, in place of a password; mostly empty

    /// "Authorization: Basic …"; wipe it.
    [[nodiscard]] std::string basic() const;
};

/// The entries of "auths". A key is a registry, with a repository or the beginning of one behind it or not, or
/// "*.domain" for every registry below a domain. Programs that keep credentials ("credHelpers") are not supported, and
/// an error where they are asked for.
class Credentials {
public:
    static Result<Credentials> parse(std::string_view text, std::string_view what);

    /// The entry with the longest key that fits, those without a wildcard first; nullptr where there is none.
    [[nodiscard]] const Login* find(const oci::Reference& reference) const;

private:
    std::map<std::string, Login, std::less<>> logins_;
};

}  // namespace hallmark::registry
