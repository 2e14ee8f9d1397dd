// SPDX-License-Identifier: Apache-2.0
// A pulled image made ready for a container runtime: config.json and rootfs, which is the image's layers below a folder
// of the container's own; and image.json, the image's configuration as it came, for who makes a config.json of another
// request.
// Source: OCI Runtime Specification 1.2.0, bundle.md.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "agent/image-bundle/runtime_config.hpp"
#include "agent/image-store/layer_store.hpp"
#include "agent/oci/digest.hpp"
#include "agent/oci/image_config.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::bundle {

struct Source {
    std::string reference;
    oci::Digest manifest;
    const oci::ImageConfig& config;
    ByteSpan config_document;                  ///< the same as it came
    std::span<const store::HeldLayer> layers;  ///< the lowest first
};

/// Makes the bundle in a folder that has none yet, and writes down in the store what it uses. Where it fails nothing is
/// mounted and nothing is left of it. `store` is the folder of the layers' store, which takes what the container
/// writes.
Status make_bundle(const std::filesystem::path& bundle, const Source& source, const ProcessRequest& request,
                   const std::filesystem::path& store);

/// Unmounts its root, and removes it with what the container wrote.
Status remove_bundle(const std::filesystem::path& bundle, const std::filesystem::path& store);

/// Removes what containers wrote whose bundles' folders somebody else removed, as a kata-agent does, and their records.
Status forget_gone(const std::filesystem::path& store);

}  // namespace hallmark::bundle
