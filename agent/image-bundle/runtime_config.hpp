// SPDX-License-Identifier: Apache-2.0
// A bundle's config.json: what the image says of its process, as far as whoever asked doesn't say otherwise, in a
// container with the usual confinement.
// Source: OCI Runtime Specification 1.2.0, config.md and config-linux.md; OCI Image Format Specification 1.1.0,
// conversion.md; Kubernetes, "Define a Command and Arguments for a Container".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/image-bundle/user.hpp"
#include "agent/oci/image_config.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::bundle {

/// What is asked for in place of the image's own; what is not set is the image's.
struct ProcessRequest {
    std::optional<std::vector<std::string>> command;    ///< takes the place of Entrypoint, and Cmd does not follow it
    std::optional<std::vector<std::string>> arguments;  ///< takes the place of Cmd
    std::vector<std::string> environment;               ///< "NAME=value", added or in the place of the image's
    std::optional<std::string> working_directory;
    std::optional<std::string> user;
};

/// A working directory that is no absolute path is an error. Where neither the image nor the request has a command
/// "process.args" is empty: that is for whoever starts the container to fill or to refuse.
Result<Json> runtime_config(const oci::ImageConfig& image, const ProcessRequest& request, const User& user);

/// The user that find_user() is to be asked for.
const std::string& user_name(const oci::ImageConfig& image, const ProcessRequest& request);

}  // namespace hallmark::bundle
