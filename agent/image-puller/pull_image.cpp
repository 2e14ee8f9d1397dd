// SPDX-License-Identifier: Apache-2.0
#include "agent/image-puller/pull_image.hpp"

#include <memory>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "agent/daemon/say.hpp"
#include "agent/daemon/step.hpp"
#include "agent/image-bundle/bundle.hpp"
#include "agent/image-policy/stored_signatures.hpp"
#include "agent/image-pull/attachments.hpp"
#include "agent/image-pull/judge.hpp"
#include "agent/image-pull/pull.hpp"
#include "agent/image-puller/guest_services.hpp"
#include "agent/image-puller/sources.hpp"
#include "agent/image-store/bundle_records.hpp"
#include "agent/image-store/space.hpp"
#include "agent/layer-keys/key_provider.hpp"

namespace hallmark::image_puller {
namespace {

using guest::Station;
using image_pull::Progress;

/// The steps of a pull as whoever watches the guest knows them.
void show(const Progress& progress) {
    const std::string of_layers = "layer " + std::to_string(progress.layer) + " of " + std::to_string(progress.layers);
    switch (progress.step) {
        case image_pull::Step::kResolved:
            return guest::step(Station::kManifest, progress.text);
        case image_pull::Step::kAllowed:
            return;
        case image_pull::Step::kKeyAsked:
            return guest::step(Station::kKeyAsked, of_layers);
        case image_pull::Step::kKey:
            return guest::step(Station::kKey, of_layers);
        case image_pull::Step::kLayer:
            return guest::step(Station::kLayer, of_layers);
        case image_pull::Step::kEncrypted:
            return guest::step(Station::kEncrypted,
                               std::to_string(progress.layer) + " of " + std::to_string(progress.layers) + " layers");
        case image_pull::Step::kComplete:
            return guest::step(Station::kUnpacked, progress.text);
    }
}

/// Where secrets of the guest come from.
image_policy::GetResource resources_of(const std::string& hub_socket) {
    if (hub_socket.empty())
        return [](const std::string& uri) -> Result<Bytes> {
            return bad_input(uri + ": no data hub to ask; give --hub unix:///PATH");
        };
    return [hub = std::make_shared<HubClient>(hub_socket)](const std::string& uri) -> Result<Bytes> {
        HALLMARK_TRY(const Secret secret, hub->resource(uri));
        return Bytes(secret.bytes().begin(), secret.bytes().end());
    };
}

layer_keys::Unwrappers unwrappers_of(PullRequest& request) {
    auto unwrappers = std::move(request.own_keys);
    if (!request.hub_socket.empty())
        unwrappers.push_back(std::make_unique<layer_keys::KeyProvider>(
            [hub = std::make_shared<HubClient>(request.hub_socket)](ByteSpan ask) { return hub->unwrap_key(ask); }));
    return unwrappers;
}

/// How many layers went that no bundle uses.
Result<std::size_t> make_room(const store::LayerStore& store, const std::filesystem::path& folder) {
    HALLMARK_TRY(const auto records, store::BundleRecords::open(folder));
    return store.collect([&records]() -> Result<std::set<oci::Digest>> {
        HALLMARK_TRY(const auto all, records.all());
        return store::layers_of(all);
    });
}

/// A second time where space ran out and there was something that nobody uses.
Result<image_pull::PulledImage> pull_with_room(const std::string& image, const image_pull::Parts& parts,
                                               const image_pull::Options& options) {
    auto pulled = image_pull::pull(image, parts, options);
    if (pulled || pulled.error().fault == Fault::kBadInput) return pulled;
    if (!store::is_for_space(pulled.error())) return pulled;
    const auto removed = make_room(parts.store, options.room_in);
    if (!removed || *removed == 0) return pulled;
    guest::say("image pull", "space ran out; " + std::to_string(*removed) + " layers that nothing uses were removed");
    return image_pull::pull(image, parts, options);
}

}  // namespace

Result<Pulled> pull_image(const Config& config, PullRequest request) {
    const auto get = resources_of(request.hub_socket);
    HALLMARK_TRY(Sources sources, find_sources(config, get));
    HALLMARK_TRY(auto fetch, signature_fetcher(sources.registry));
    HALLMARK_TRY(const auto registry, registry::Client::make(std::move(sources.registry)));
    image_pull::Attachments attachments(*registry);
    image_policy::StoredSignatures signatures(std::move(sources.lookaside), std::move(fetch), attachments);
    image_pull::Judge judge = [](const oci::Reference& reference, const registry::Resolved&) -> Result<std::string> {
        return reference.text() + ": no image policy, so every image may run";
    };
    if (sources.policy) judge = image_pull::judge_by(*sources.policy, signatures, get);

    const std::filesystem::path folder = config.work_dir;
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return refused(folder.string() + ": " + failed.message());
    HALLMARK_TRY(const auto store, store::LayerStore::open(folder, store::Durability::kProcess));
    // What stays for that reason only takes room.
    if (const auto forgotten = bundle::forget_gone(folder); !forgotten)
        guest::say("image pull", forgotten.error().message);
    const auto unwrappers = unwrappers_of(request);
    HALLMARK_TRY(
        const auto image,
        pull_with_room(request.image,
                       {.registry = *registry, .store = store, .unwrappers = unwrappers, .judge = std::move(judge)},
                       {.layers_at_once = config.layers_at_once,
                        .demanded = std::move(request.demanded),
                        .room_in = folder,
                        .rights = unpack::Rights::kRoot,
                        .observer = show}));
    const std::string reference = image.reference.text();
    if (!request.agent_socket.empty()) HALLMARK_CHECK(record_pull(request.agent_socket, reference, image.named));
    HALLMARK_CHECK(bundle::make_bundle(request.bundle,
                                       {.reference = reference,
                                        .manifest = image.manifest,
                                        .config = image.config,
                                        .config_document = image.config_document,
                                        .layers = image.layers},
                                       {}, folder));
    return Pulled{.reference = reference,
                  .named = image.named.text(),
                  .manifest = image.manifest.text(),
                  .allowed = image.allowed,
                  .layers = image.layers.size()};
}

}  // namespace hallmark::image_puller
