// SPDX-License-Identifier: Apache-2.0
// All layers of one image, several at once.
#pragma once

#include <vector>

#include "agent/image-pull/pull.hpp"

namespace hallmark::image_pull {

/// The layers of a manifest whose configuration fits it, the lowest first. The first error ends the others. A layer's
/// key is asked for even where the layer is in the store: whoever lost the right to it does not get it from there.
Result<std::vector<store::HeldLayer>> pull_layers(const oci::Reference& image, const oci::Manifest& manifest,
                                                  const oci::ImageConfig& config, const Parts& parts,
                                                  const Options& options);

}  // namespace hallmark::image_pull
