// SPDX-License-Identifier: Apache-2.0
#include "agent/image-pull/layer.hpp"

#include <fcntl.h>

#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "agent/unpack/unpack.hpp"
#include "common/bytes.hpp"
#include "common/descriptor.hpp"

namespace hallmark::image_pull {
namespace {

/// The blob into the stream; an error ends the stream's other side too.
Status feed(registry::Client& registry, const LayerJob& job, layers::LayerStream& stream) {
    auto fetched = registry.fetch_blob(job.image, job.descriptor, [&](ByteSpan piece) -> Status {
        if (job.stop) return refused("another layer of the image failed");
        return stream.push(piece);
    });
    if (fetched) return stream.close();
    stream.fail(fetched.error());
    return fetched;
}

Status unpack_into(const std::filesystem::path& folder, registry::Client& registry, LayerJob& job) {
    const FileDescriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root.valid()) return std::unexpected(system_error(folder.string(), Fault::kNo));
    HALLMARK_TRY(const auto stream, layers::LayerStream::open({.kind = job.kind,
                                                               .digest = job.descriptor.digest,
                                                               .size = job.descriptor.size,
                                                               .diff_id = job.diff_id,
                                                               .largest = job.room},
                                                              std::move(job.key)));
    Status fed;
    std::thread feeder([&] { fed = feed(registry, job, *stream); });
    const auto unpacked = unpack::unpack([&] { return stream->next(); }, root.get(), {.rights = job.rights});
    if (!unpacked) stream->fail(unpacked.error());
    feeder.join();
    if (!unpacked) return std::unexpected(unpacked.error());
    return fed;
}

}  // namespace

Result<store::HeldLayer> pull_layer(registry::Client& registry, const store::LayerStore& store, LayerJob job) {
    auto layer = store.obtain(job.diff_id,
                              [&](const std::filesystem::path& folder) { return unpack_into(folder, registry, job); });
    if (!layer) return std::unexpected(layer.error().at("layer " + job.descriptor.digest.text()));
    return layer;
}

}  // namespace hallmark::image_pull
