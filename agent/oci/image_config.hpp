// SPDX-License-Identifier: Apache-2.0
// How an image is to be run, and what its layers are when they are unpacked.
// Source: OCI Image Format Specification 1.1.0, config.md; Docker's configurations have the same members, with null
// where there is nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/oci/descriptor.hpp"
#include "agent/oci/digest.hpp"
#include "agent/oci/manifest.hpp"
#include "common/result.hpp"

namespace hallmark::oci {

struct ImageConfig {
    Platform platform;
    std::vector<Digest> diff_ids;  ///< of the layers as tar archives, the lowest first

    std::vector<std::string> environment;  ///< "NAME=value"
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::string user;               ///< "user", "uid", "user:group", "uid:gid"; empty: root
    std::string working_directory;  ///< empty: "/"
    std::string stop_signal;        ///< "SIGTERM", "15"
    std::vector<std::string> volumes;
    std::vector<std::string> exposed_ports;
    std::map<std::string, std::string> labels;
};

/// Members that say how the image was made, and those of later versions, are passed over. No text has a NUL in it.
Result<ImageConfig> parse_image_config(std::string_view text, std::string_view what);

/// The configuration has a digest for each of the manifest's layers.
Status fits(const ImageConfig& config, const Manifest& manifest, std::string_view what);

}  // namespace hallmark::oci
