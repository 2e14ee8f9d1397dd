// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/init-data/pod_settings.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::pod {

/// What the data hub does for a pod.
struct Services {
    /// Pulls an image by its reference and makes a bundle of it; returns its manifest's digest.
    std::function<Result<std::string>(const std::string& reference, const std::string& bundle)> pull;
    /// Opens a sealed secret.
    std::function<Result<Secret>(const std::string& sealed)> unseal;
};

/// Where a pod keeps what it is made of.
struct Folders {
    std::filesystem::path bundles = "/run/kata-containers/pod";  ///< one for each container, by its name
    std::filesystem::path volumes = "/run/hallmark/volumes";     ///< one for each volume, by its name

    [[nodiscard]] std::filesystem::path bundle_of(const guest::ContainerSettings& container) const {
        return bundles / container.name;
    }
};

/// Pulls a container's image, holds it against the digest of the settings, opens what is sealed, and writes the
/// container's configuration into a file that has no name: nobody else can read it, and it goes with its last reader.
Result<FileDescriptor> prepare(const guest::ContainerSettings& settings, const Services& services,
                               const Folders& folders);

/// Prepares containers one after the other, in a thread of its own that nobody waits for.
class Preparation {
public:
    struct Prepared {
        std::size_t container;  ///< its place in the settings
        Result<FileDescriptor> config;
    };

    static Result<Preparation> start(std::vector<guest::ContainerSettings> containers, Services services,
                                     Folders folders);

    /// Readable where there is something to take.
    [[nodiscard]] int fd() const;
    /// What was prepared since it was last asked.
    std::vector<Prepared> take();

private:
    struct Shared;
    explicit Preparation(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    std::shared_ptr<Shared> shared_;
};

}  // namespace hallmark::pod
