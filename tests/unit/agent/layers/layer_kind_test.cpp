// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/layer_kind.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::layers {
namespace {

TEST(LayerKind, IsReadFromTheMediaType) {
    const std::string oci = "application/vnd.oci.image.layer.";
    for (const bool distributable : {true, false}) {
        const auto tar = oci + (distributable ? "v1.tar" : "nondistributable.v1.tar");
        for (const bool encrypted : {false, true}) {
            const std::string end = encrypted ? "+encrypted" : "";
            EXPECT_EQ(*layer_kind(tar + end), (LayerKind{Compression::kNone, encrypted, distributable}));
            EXPECT_EQ(*layer_kind(tar + "+gzip" + end), (LayerKind{Compression::kGzip, encrypted, distributable}));
            EXPECT_EQ(*layer_kind(tar + "+zstd" + end), (LayerKind{Compression::kZstd, encrypted, distributable}));
        }
    }
    const std::string docker = "application/vnd.docker.image.rootfs.";
    EXPECT_EQ(*layer_kind(docker + "diff.tar"), (LayerKind{Compression::kNone, false, true}));
    EXPECT_EQ(*layer_kind(docker + "diff.tar.gzip"), (LayerKind{Compression::kGzip, false, true}));
    EXPECT_EQ(*layer_kind(docker + "diff.tar.zstd"), (LayerKind{Compression::kZstd, false, true}));
    EXPECT_EQ(*layer_kind(docker + "foreign.diff.tar.gzip"), (LayerKind{Compression::kGzip, false, false}));
}

TEST(LayerKind, RefusesWhatIsNoLayer) {
    for (const auto* type :
         {"", "application/vnd.oci.image.layer.v1.tar+gzip ", "application/vnd.oci.image.layer.v1.tar+xz",
          "application/vnd.oci.image.layer.v1.tar+encrypted+gzip", "APPLICATION/vnd.oci.image.layer.v1.tar",
          "application/vnd.wasm.content.layer.v1+wasm", "application/vnd.oci.image.config.v1+json", "a\nb"})
        test::expect_error(layer_kind(type), {"media type '", "expected a tar"});
}

}  // namespace
}  // namespace hallmark::layers
