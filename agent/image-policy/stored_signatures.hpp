// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/image-policy/attachment_store.hpp"
#include "agent/image-policy/cosign.hpp"
#include "agent/image-policy/lookaside.hpp"
#include "agent/image-policy/signature_list.hpp"
#include "agent/image-policy/signature_source.hpp"

namespace hallmark::image_policy {

/// Simple signatures from the registry, where it keeps them itself, and from the stores of a configuration; those of
/// cosign from the registry.
class StoredSignatures : public SignatureSource {
public:
    StoredSignatures(LookasideConfig config, FetchUrl fetch, AttachmentStore& registry)
        : config_(std::move(config)), fetch_(std::move(fetch)), registry_(registry) {}

    Result<std::vector<Bytes>> simple_signatures(const oci::Reference& image, const oci::Digest& manifest) override {
        std::vector<Bytes> signatures;
        HALLMARK_TRY(const std::optional<Bytes> list, registry_.signature_list(image, manifest));
        const std::string store = config_.store_of(image);
        if (list) {
            auto listed = parse_signature_list(*list, image.name() + ": signatures");
            // A registry without the extension may answer with a page for people: what it does not show counts for
            // nothing where there is another store to look in.
            if (!listed && store.empty()) return listed;
            if (listed) signatures = std::move(*listed);
        }
        if (store.empty()) return signatures;
        HALLMARK_TRY(auto beside, lookaside_signatures(store, image, manifest, fetch_));
        for (auto& one : beside) signatures.push_back(std::move(one));
        return signatures;
    }
    Result<std::vector<SigstoreSignature>> sigstore_signatures(const oci::Reference& image,
                                                               const oci::Digest& manifest) override {
        return cosign_signatures(image, manifest, registry_);
    }

private:
    LookasideConfig config_;
    FetchUrl fetch_;
    AttachmentStore& registry_;
};

}  // namespace hallmark::image_policy
