// SPDX-License-Identifier: Apache-2.0
// The init-data of the demo's pod; see docs/init-data.md.
#pragma once

#include <string>

#include "boot/demo/registry.hpp"
#include "common/formats/init_data.hpp"

namespace hallmark::boot::demo {

/// What the owner tells the guest, all of it bound to the launch: which broker (with its certificate), which pod of
/// which image, who must have signed it.
struct Told {
    init_data::Algorithm algorithm = init_data::Algorithm::kSha256;
    std::string broker;       ///< "https://10.0.2.2:8080"
    std::string certificate;  ///< PEM: of broker and registry
    Pushed image;
};

std::string init_data_document(const Told& told);

}  // namespace hallmark::boot::demo
