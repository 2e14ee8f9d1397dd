// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "agent/oci/descriptor.hpp"
#include "agent/oci/digest.hpp"
#include "agent/oci/reference.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

/// The registry, as far as signatures are looked for there. Nothing that it gives is trusted.
class AttachmentStore {
public:
    AttachmentStore() = default;
    AttachmentStore(const AttachmentStore&) = delete;
    AttachmentStore& operator=(const AttachmentStore&) = delete;
    virtual ~AttachmentStore() = default;

    /// What the tag is of; nothing where there is no such tag.
    virtual Result<std::optional<Bytes>> manifest(const oci::Reference& tag, std::size_t limit) = 0;
    virtual Result<Bytes> blob(const oci::Reference& repository, const oci::Descriptor& descriptor) = 0;
    /// The answer that parse_signature_list() reads; nothing where the registry does not keep simple signatures.
    virtual Result<std::optional<Bytes>> signature_list(const oci::Reference& image, const oci::Digest& manifest) = 0;
};

}  // namespace hallmark::image_policy
