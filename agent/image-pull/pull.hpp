// SPDX-License-Identifier: Apache-2.0
// A container image, from its name to layers in the store: resolved, allowed by the owner's policy, its layers pulled
// several at once. Nothing of it is run or shown before all of it is right.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/image-pull/progress.hpp"
#include "agent/image-store/layer_store.hpp"
#include "agent/layer-keys/wrapped_keys.hpp"
#include "agent/oci/image_config.hpp"
#include "agent/oci/reference.hpp"
#include "agent/registry/client.hpp"
#include "agent/unpack/attributes.hpp"
#include "common/result.hpp"

namespace hallmark::image_pull {

/// Whether the owner lets this image run, in one line; asked for images that are in the store already too.
using Judge = std::function<Result<std::string>(const oci::Reference&, const registry::Resolved&)>;

struct Parts {
    registry::Client& registry;
    const store::LayerStore& store;
    const layer_keys::Unwrappers& unwrappers;
    Judge judge;
};

struct Options {
    std::size_t layers_at_once = 3;
    /// Where a tag has to lead to, if somebody said so: another manifest or index is refused.
    std::optional<oci::Digest> demanded;
    std::filesystem::path room_in;  ///< the file system whose free space bounds a layer
    unpack::Rights rights = unpack::Rights::kRoot;
    Observer observer;  ///< empty: nobody looks
};

struct PulledImage {
    oci::Reference reference;  ///< whole, as it was found
    oci::Digest named;         ///< of what stands under the name: the manifest, or the index
    oci::Digest manifest;
    oci::ImageConfig config;
    Bytes config_document;                 ///< as it came
    std::vector<store::HeldLayer> layers;  ///< the lowest first
    std::string allowed;                   ///< the policy's word
};

Result<PulledImage> pull(std::string_view name, const Parts& parts, const Options& options);

}  // namespace hallmark::image_pull
