// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "agent/image-policy/attachment_store.hpp"
#include "agent/registry/client.hpp"
#include "common/result.hpp"

namespace hallmark::image_pull {

/// What lies beside images in their registry. The client outlives it.
class Attachments : public image_policy::AttachmentStore {
public:
    explicit Attachments(registry::Client& registry) : registry_(registry) {}
    Result<std::optional<Bytes>> manifest(const oci::Reference& tag, std::size_t limit) override;
    Result<std::optional<Bytes>> signature_list(const oci::Reference& image, const oci::Digest& manifest) override;
    Result<Bytes> blob(const oci::Reference& repository, const oci::Descriptor& descriptor) override;

private:
    registry::Client& registry_;
};

}  // namespace hallmark::image_pull
