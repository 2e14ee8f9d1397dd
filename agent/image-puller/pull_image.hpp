// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "agent/image-puller/config.hpp"
#include "agent/layer-keys/wrapped_keys.hpp"
#include "agent/oci/digest.hpp"
#include "common/result.hpp"

namespace hallmark::image_puller {

/// What one call of the program was asked to do.
struct PullRequest {
    std::string image;
    std::filesystem::path bundle;           ///< a folder that has none yet
    std::string hub_socket{};               ///< of the data hub; empty: nobody has secrets
    std::string agent_socket{};             ///< of the attestation agent; empty: nobody records what was pulled
    std::optional<oci::Digest> demanded{};  ///< what the name has to stand for
    layer_keys::Unwrappers own_keys{};      ///< private keys that are here, asked before the data hub
};

struct Pulled {
    std::string reference;  ///< whole, as it was found
    std::string named;      ///< digest of what stands under the name: the manifest, or an index
    std::string manifest;   ///< digest of the manifest
    std::string allowed;    ///< the policy's word
    std::size_t layers = 0;
};

/// Pulls the image, has it recorded, and makes the bundle. Layers that nobody uses make room where space runs out.
Result<Pulled> pull_image(const Config& config, PullRequest request);

}  // namespace hallmark::image_puller
