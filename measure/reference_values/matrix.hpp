// SPDX-License-Identifier: Apache-2.0
// All launches of an image: every command line of its manifest, every CPU type that QEMU names, 1 to 64 CPUs.
#pragma once

#include <filesystem>

#include "common/result.hpp"
#include "measure/image/manifest.hpp"
#include "measure/reference_values/reference_values.hpp"

namespace hallmark {

/// Measures the image of a folder, after checking its artefacts against the manifest.
Result<ReferenceValues> measure_image(const std::filesystem::path& folder, const Manifest& manifest);

}  // namespace hallmark
