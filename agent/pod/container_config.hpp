// SPDX-License-Identifier: Apache-2.0
// A container's config.json: that of its image, with what init-data says of it.
// Source: OCI Runtime Specification 1.2.0, config.md and config-linux.md.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "agent/image-bundle/user.hpp"
#include "agent/init-data/pod_settings.hpp"
#include "agent/oci/image_config.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::pod {

/// What a container is made of. Whatever init-data doesn't say is as the image has it, or as usual.
struct Ingredients {
    const guest::ContainerSettings& settings;
    std::vector<std::string> environment;  ///< "NAME=value", of the settings, with what was sealed in the open
    const oci::ImageConfig& image;
    const bundle::User& user;              ///< as found in the container's own root
    const std::filesystem::path& volumes;  ///< folder of the pod's volumes, in which each has one by its name
};

/// Nothing to run is an error. Capabilities that settings name are given to whatever user there is, as the owner asks
/// for them by name; the default ones to root alone. The container ends first where memory is short.
Result<Json> container_config(const Ingredients& of);

}  // namespace hallmark::pod
