// SPDX-License-Identifier: Apache-2.0
// One layer on its way from a registry into the store.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "agent/image-store/layer_store.hpp"
#include "agent/layers/layer_stream.hpp"
#include "agent/oci/descriptor.hpp"
#include "agent/oci/reference.hpp"
#include "agent/registry/client.hpp"
#include "agent/unpack/attributes.hpp"
#include "common/result.hpp"

namespace hallmark::image_pull {

struct LayerJob {
    const oci::Reference& image;
    const oci::Descriptor& descriptor;
    const oci::Digest& diff_id;
    layers::LayerKind kind;
    std::optional<layers::DecryptionKey> key;  ///< where the kind is encrypted
    std::uint64_t room = 0;                    ///< bytes that its tar may have
    unpack::Rights rights = unpack::Rights::kRoot;
    const std::atomic<bool>& stop;  ///< nobody wants the image any more
};

/// The layer, pulled, verified and unpacked where it is not there. Two threads of its own work on it.
Result<store::HeldLayer> pull_layer(registry::Client& registry, const store::LayerStore& store, LayerJob job);

}  // namespace hallmark::image_pull
