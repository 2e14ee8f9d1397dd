// SPDX-License-Identifier: Apache-2.0
#include "agent/image-pull/pull.hpp"

#include <utility>

#include "agent/image-pull/layers.hpp"
#include "agent/oci/media_types.hpp"
#include "common/bytes.hpp"
#include "common/text.hpp"

namespace hallmark::image_pull {
namespace {

void tell(const Options& options, Step step, std::string text, std::size_t layers) {
    if (options.observer) options.observer({.step = step, .text = std::move(text), .layer = 0, .layers = layers});
}

/// The manifest or the index: whoever demands a digest may have seen either.
Status is_demanded(const oci::Reference& reference, const registry::Resolved& resolved, const Options& options) {
    if (!options.demanded || *options.demanded == resolved.named.digest ||
        *options.demanded == resolved.manifest_document().digest)
        return {};
    return refused(reference.text() + ": found " + resolved.named.digest.text() + ", expected " +
                   options.demanded->text() + ", which was demanded for this name");
}

struct Config {
    oci::ImageConfig config;
    Bytes document;
};

Result<Config> fetch_config(const oci::Reference& reference, const oci::Manifest& manifest,
                            registry::Client& registry) {
    if (!oci::is_image_config(manifest.config.media_type))
        return refused(reference.text() + ": its configuration is no image's, expected a container image");
    HALLMARK_TRY(Bytes bytes, registry.fetch_document(reference, manifest.config));
    const std::string what = reference.text() + ": configuration";
    HALLMARK_TRY(oci::ImageConfig config, oci::parse_image_config(text_of(bytes), what));
    HALLMARK_CHECK(oci::fits(config, manifest, what));
    return Config{std::move(config), std::move(bytes)};
}

}  // namespace

Result<PulledImage> pull(std::string_view name, const Parts& parts, const Options& options) {
    HALLMARK_TRY(const auto reference, parts.registry.find_short(name));
    HALLMARK_TRY(const auto resolved, parts.registry.resolve(reference));
    HALLMARK_CHECK(is_demanded(reference, resolved, options));
    const auto& manifest = resolved.manifest;
    tell(options, Step::kResolved, resolved.manifest_document().digest.text(), manifest.layers.size());

    HALLMARK_TRY(std::string allowed, parts.judge(reference, resolved));
    tell(options, Step::kAllowed, allowed, manifest.layers.size());

    HALLMARK_TRY(Config config, fetch_config(reference, manifest, parts.registry));
    HALLMARK_TRY(auto layers, pull_layers(reference, manifest, config.config, parts, options));
    tell(options, Step::kComplete, reference.text(), layers.size());
    return PulledImage{.reference = reference,
                       .named = resolved.named.digest,
                       .manifest = resolved.manifest_document().digest,
                       .config = std::move(config.config),
                       .config_document = std::move(config.document),
                       .layers = std::move(layers),
                       .allowed = std::move(allowed)};
}

}  // namespace hallmark::image_pull
