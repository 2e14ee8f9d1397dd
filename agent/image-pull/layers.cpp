// SPDX-License-Identifier: Apache-2.0
#include "agent/image-pull/layers.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "agent/image-pull/layer.hpp"
#include "agent/image-store/space.hpp"

namespace hallmark::image_pull {
namespace {

/// What the threads of one image share: each takes the next layer until there is none, or one has failed.
class Work {
public:
    Work(const oci::Reference& image, const oci::Manifest& manifest, const oci::ImageConfig& config, const Parts& parts,
         const Options& options, std::uint64_t room)
        : image_(image),
          manifest_(manifest),
          config_(config),
          parts_(parts),
          options_(options),
          room_(room),
          held_(manifest.layers.size()) {}

    void run() {
        for (std::size_t index = next_++; index < held_.size() && !stop_; index = next_++) {
            auto layer = pull_one(index);
            if (!layer) return fail(layer.error());
            held_[index].emplace(std::move(*layer));
            tell(Step::kLayer, index);
        }
    }

    Result<std::vector<store::HeldLayer>> finish() {
        if (error_) return std::unexpected(*error_);
        std::vector<store::HeldLayer> layers;
        layers.reserve(held_.size());
        for (auto& layer : held_) layers.push_back(*std::move(layer));
        return layers;
    }

private:
    Result<store::HeldLayer> pull_one(std::size_t index) {
        const auto& descriptor = manifest_.layers[index];
        const auto kind = layers::layer_kind(descriptor.media_type);
        if (!kind) return std::unexpected(kind.error().at("layer " + descriptor.digest.text()));
        std::optional<layers::DecryptionKey> key;
        if (kind->encrypted) {
            tell(Step::kKeyAsked, index);
            auto unwrapped = layer_keys::decryption_key(descriptor.annotations, parts_.unwrappers);
            if (!unwrapped) return std::unexpected(unwrapped.error().at("layer " + descriptor.digest.text()));
            key.emplace(std::move(*unwrapped));
            tell(Step::kKey, index);
        }
        return pull_layer(parts_.registry, parts_.store,
                          {.image = image_,
                           .descriptor = descriptor,
                           .diff_id = config_.diff_ids[index],
                           .kind = *kind,
                           .key = std::move(key),
                           .room = room_,
                           .rights = options_.rights,
                           .stop = stop_});
    }

    /// The first error is the reason; the others follow from it.
    void fail(const Error& error) {
        const std::lock_guard guard(mutex_);
        if (!error_) error_ = error;
        stop_ = true;
    }

    void tell(Step step, std::size_t index) const {
        if (!options_.observer) return;
        options_.observer(
            {.step = step, .text = manifest_.layers[index].digest.text(), .layer = index + 1, .layers = held_.size()});
    }

    const oci::Reference& image_;
    const oci::Manifest& manifest_;
    const oci::ImageConfig& config_;
    const Parts& parts_;
    const Options& options_;
    const std::uint64_t room_;
    std::vector<std::optional<store::HeldLayer>> held_;
    std::atomic<std::size_t> next_ = 0;
    std::atomic<bool> stop_ = false;
    std::mutex mutex_;
    std::optional<Error> error_;
};

/// Says how many layers are encrypted, if any.
void tell_encrypted(const oci::Manifest& manifest, const Options& options) {
    const auto encrypted = std::ranges::count_if(manifest.layers, [](const oci::Descriptor& layer) {
        const auto kind = layers::layer_kind(layer.media_type);
        return kind && kind->encrypted;
    });
    if (encrypted == 0 || !options.observer) return;
    options.observer({.step = Step::kEncrypted,
                      .text = {},
                      .layer = static_cast<std::size_t>(encrypted),
                      .layers = manifest.layers.size()});
}

}  // namespace

Result<std::vector<store::HeldLayer>> pull_layers(const oci::Reference& image, const oci::Manifest& manifest,
                                                  const oci::ImageConfig& config, const Parts& parts,
                                                  const Options& options) {
    HALLMARK_TRY(const auto space, store::space_in(options.room_in));
    tell_encrypted(manifest, options);
    Work work(image, manifest, config, parts, options, space.bytes);
    {
        std::vector<std::jthread> threads;
        const auto wanted = std::min(std::max<std::size_t>(options.layers_at_once, 1), manifest.layers.size());
        threads.reserve(wanted);
        for (std::size_t thread = 0; thread < wanted; ++thread) threads.emplace_back([&] { work.run(); });
    }
    return work.finish();
}

}  // namespace hallmark::image_pull
