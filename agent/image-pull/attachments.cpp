// SPDX-License-Identifier: Apache-2.0
#include "agent/image-pull/attachments.hpp"

#include <optional>
#include <string>
#include <utility>

#include "agent/image-policy/signature_list.hpp"

namespace hallmark::image_pull {

Result<std::optional<Bytes>> Attachments::manifest(const oci::Reference& tag, std::size_t limit) {
    HALLMARK_TRY(auto found, registry_.find(tag));
    if (!found) return std::optional<Bytes>();
    if (found->bytes.size() > limit)
        return refused(tag.text() + ": " + std::to_string(found->bytes.size()) + " bytes, expected at most " +
                       std::to_string(limit));
    return std::optional(std::move(found->bytes));
}

Result<std::optional<Bytes>> Attachments::signature_list(const oci::Reference& image, const oci::Digest& manifest) {
    return registry_.signature_list(image, manifest, image_policy::kLargestSignatureList);
}

Result<Bytes> Attachments::blob(const oci::Reference& repository, const oci::Descriptor& descriptor) {
    return registry_.fetch_document(repository, descriptor);
}

}  // namespace hallmark::image_pull
