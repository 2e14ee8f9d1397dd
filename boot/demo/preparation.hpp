// SPDX-License-Identifier: Apache-2.0
// All that an owner does before a guest starts: servers, keys, an image, reference values, init-data, a release policy.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "boot/cli.hpp"
#include "boot/demo/owner.hpp"
#include "boot/demo/registry.hpp"
#include "boot/demo/view.hpp"

namespace hallmark::boot::demo {

/// What one call of hallmark-boot demo was asked to do.
struct DemoRequest {
    Typed boot;                     ///< the options of the boot itself
    std::string platform_values{};  ///< file: of hardware
    std::string kds{};
    std::string pccs{};
    std::string registry_seen_at{};  ///< "HOST:PORT" by which guests call the registry, where it isn't its own
    unsigned filler_mib = 0;         ///< how much larger the image is
    std::string stop_in{};           ///< a folder: everything is made there, and nothing is booted
};

/// Servers that run, and what else the owner has.
struct Prepared {
    Owner owner;
    Server registry;
    Pushed image;
    std::filesystem::path init_data;
    std::string release;  ///< the line of the release policy that ties the key to the init-data
};

/// `folder` is there and is its owner's alone.
Result<Prepared> prepare(const DemoRequest& request, const std::filesystem::path& folder, View& view,
                         Deadline deadline);

}  // namespace hallmark::boot::demo
