// SPDX-License-Identifier: Apache-2.0
#include "agent/image-pull/judge.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "agent/image-policy/image.hpp"
#include "agent/image-policy/verdict.hpp"

namespace hallmark::image_pull {

Judge judge_by(const image_policy::Policy& policy, image_policy::SignatureSource& signatures,
               image_policy::GetResource get) {
    return [&policy, &signatures, get = std::move(get)](const oci::Reference& reference,
                                                        const registry::Resolved& resolved) -> Result<std::string> {
        image_policy::Image image{.reference = reference, .manifests = {resolved.manifest_document().bytes}};
        if (resolved.image) image.manifests.emplace_back(resolved.named.bytes);
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return image_policy::check_image(policy, image, signatures, get,
                                         std::chrono::duration_cast<std::chrono::seconds>(now).count());
    };
}

}  // namespace hallmark::image_pull
