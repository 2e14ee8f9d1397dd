// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/layer_kind.hpp"

#include <array>
#include <string>

#include "agent/oci/text.hpp"

namespace hallmark::layers {
namespace {

struct Named {
    std::string_view name;
    LayerKind kind;
};

constexpr auto kPlain = Compression::kNone;
constexpr auto kGzip = Compression::kGzip;
constexpr auto kZstd = Compression::kZstd;

constexpr std::array kKinds = {
    Named{"application/vnd.oci.image.layer.v1.tar", {kPlain, false, true}},
    Named{"application/vnd.oci.image.layer.v1.tar+gzip", {kGzip, false, true}},
    Named{"application/vnd.oci.image.layer.v1.tar+zstd", {kZstd, false, true}},
    Named{"application/vnd.oci.image.layer.v1.tar+encrypted", {kPlain, true, true}},
    Named{"application/vnd.oci.image.layer.v1.tar+gzip+encrypted", {kGzip, true, true}},
    Named{"application/vnd.oci.image.layer.v1.tar+zstd+encrypted", {kZstd, true, true}},
    Named{"application/vnd.oci.image.layer.nondistributable.v1.tar", {kPlain, false, false}},
    Named{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", {kGzip, false, false}},
    Named{"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", {kZstd, false, false}},
    Named{"application/vnd.oci.image.layer.nondistributable.v1.tar+encrypted", {kPlain, true, false}},
    Named{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip+encrypted", {kGzip, true, false}},
    Named{"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd+encrypted", {kZstd, true, false}},
    Named{"application/vnd.docker.image.rootfs.diff.tar", {kPlain, false, true}},
    Named{"application/vnd.docker.image.rootfs.diff.tar.gzip", {kGzip, false, true}},
    Named{"application/vnd.docker.image.rootfs.diff.tar.zstd", {kZstd, false, true}},
    Named{"application/vnd.docker.image.rootfs.foreign.diff.tar", {kPlain, false, false}},
    Named{"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", {kGzip, false, false}},
};

}  // namespace

Result<LayerKind> layer_kind(std::string_view media_type) {
    for (const auto& known : kKinds)
        if (known.name == media_type) return known.kind;
    return bad_input("media type '" + oci::printable(media_type) +
                     "': not a layer that can be unpacked, expected a tar, plain or compressed by gzip or zstd");
}

}  // namespace hallmark::layers
