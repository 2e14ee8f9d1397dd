// SPDX-License-Identifier: Apache-2.0
// Stores of simple signatures beside the registry.
// Source: containers-registries.d(5) and docs/signature-protocols.md, containers/image 5.34.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/oci/digest.hpp"
#include "agent/oci/reference.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

/// Which store has the signatures of which images.
class LookasideConfig {
public:
    /// One document as containers-registries.d(5) has them. Strict: unknown keys are errors, and so are stores other
    /// than file:///, http:// and https://. Where to write and whether to look for attachments of cosign is read and
    /// of no meaning here: those are looked for when a policy asks for them.
    static Result<LookasideConfig> parse(std::string_view text, std::string_view what);

    /// "https://store.example/signatures", of the longest scope that names one; empty: none.
    [[nodiscard]] std::string store_of(const oci::Reference& image) const;

private:
    std::string default_;
    std::map<std::string, std::string, std::less<>> docker_;
};

/// What a URL (http or https) has; nothing where there is nothing (status 404).
using FetchUrl = std::function<Result<std::optional<Bytes>>(const std::string& url, std::size_t limit)>;

/// "<store>/<repository>@sha256=<hex>/signature-1" and so on, until one is missing.
Result<std::vector<Bytes>> lookaside_signatures(const std::string& store, const oci::Reference& image,
                                                const oci::Digest& manifest, const FetchUrl& fetch);

}  // namespace hallmark::image_policy
