// SPDX-License-Identifier: Apache-2.0
// The registry of the demo, and the image that its owner puts there, encrypted and signed.
#pragma once

#include <filesystem>
#include <string>

#include "boot/demo/owner.hpp"
#include "boot/demo/tools.hpp"

namespace hallmark::boot::demo {

/// docker-registry over TLS, with the owner's certificate, on loopback.
Result<Server> start_registry(const Tools& tools, const std::filesystem::path& folder, const Owner& owner,
                              Deadline deadline);

/// An image in a registry, by the name that guests call it.
struct Pushed {
    std::string name;          ///< "10.0.2.2:5000/hallmark/demo:1"
    std::string digest{};      ///< "sha256:…", of its manifest
    std::string public_key{};  ///< PEM: of who signed it
};

/// Makes the image and a signing key, encrypts each layer under the key `kKeyPath` of the owner's store, signs and
/// pushes. `seen_as` is "HOST:PORT" of the registry as guests call it, `filler` makes the image larger: see
/// write_image().
Result<Pushed> push_image(const Tools& tools, const std::filesystem::path& folder, const Owner& owner,
                          const Server& registry, const std::string& seen_as, std::size_t filler, Deadline deadline);

}  // namespace hallmark::boot::demo
