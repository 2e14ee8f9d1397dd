// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/bundle.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/image-store/bundle_records.hpp"
#include "agent/image-store/overlay.hpp"
#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/json.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::bundle {
namespace {

using std::filesystem::path;
using test::expect_error;

oci::Digest digest_of(std::string_view text) { return oci::Digest::of(as_bytes(text)); }

class BundleTest : public testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root may mount";
        auto opened = store::LayerStore::open(store_, store::Durability::kProcess);
        ASSERT_TRUE(opened) << opened.error().message;
        layers_.emplace(*opened);
        image_.entrypoint = {"/program"};
        image_.user = "web";
    }
    void TearDown() override {
        if (layers_) {
            EXPECT_TRUE(remove_bundle(bundle_, store_));
        }
    }

    store::HeldLayer layer(std::string_view name, std::string_view text) {
        auto made = layers_->obtain(digest_of(name), [&](const path& folder) -> Status {
            std::filesystem::create_directory(folder / "etc");
            HALLMARK_CHECK(write_file(folder / "etc" / "passwd", as_bytes(text)));
            EXPECT_EQ(::chmod(folder.c_str(), 0711), 0);
            return {};
        });
        EXPECT_TRUE(made) << made.error().message;
        return *std::move(made);
    }
    Status make(const std::vector<store::HeldLayer>& layers) {
        return make_bundle(bundle_,
                           {.reference = "docker.io/library/web:1",
                            .manifest = digest_of("m"),
                            .config = image_,
                            .config_document = as_bytes("{}"),
                            .layers = layers},
                           {}, store_);
    }
    [[nodiscard]] std::vector<store::BundleRecord> records() const {
        return store::BundleRecords::open(store_)->all().value();
    }

    test::TemporaryFolder folder_;
    path store_ = folder_.path() / "store";
    path bundle_ = folder_.path() / "bundle";
    std::optional<store::LayerStore> layers_;
    oci::ImageConfig image_;
};

TEST_F(BundleTest, HasTheLayersAsItsRootAndRunsAsTheImageSays) {
    std::vector<store::HeldLayer> layers;
    layers.push_back(layer("low", "web:x:1:1::/low:\n"));
    layers.push_back(layer("high", "web:x:33:34::/srv:\n"));
    const auto made = make(layers);
    ASSERT_TRUE(made) << made.error().message;
    const auto config = read_json(bundle_ / "config.json", 1024 * 1024);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ((*config)["process"]["user"]["uid"], 33);
    EXPECT_EQ((*config)["root"]["path"], "rootfs");
    struct stat status{};
    ASSERT_EQ(::stat((bundle_ / "rootfs").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0711U);

    // What the container writes is not the layer's.
    ASSERT_TRUE(write_file(bundle_ / "rootfs" / "etc" / "passwd", as_bytes("changed")));
    EXPECT_EQ(read_file(layers.back().folder() / "etc" / "passwd", 64),
              Bytes({'w', 'e', 'b', ':', 'x', ':', '3', '3', ':', '3', '4', ':', ':', '/', 's', 'r', 'v', ':', '\n'}));
    ASSERT_EQ(records().size(), 1U);
    EXPECT_EQ(layers_of(records()), (std::set{digest_of("low"), digest_of("high")}));
}

// As builders of images write it: one empty layer for each step that changed nothing.
TEST_F(BundleTest, ALayerThatIsThereTwiceCountsWhereItIsHighest) {
    std::vector<store::HeldLayer> layers;
    layers.push_back(layer("twice", "web:x:33:34::/srv:\n"));
    layers.push_back(layer("between", "web:x:1:1::/low:\n"));
    layers.push_back(layer("twice", "never unpacked"));
    layers.push_back(layer("twice", "never unpacked"));
    const auto made = make(layers);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(read_json(bundle_ / "config.json", 1024 * 1024)->at("process").at("user").at("uid"), 33);
}

// As a pull that was killed leaves it, or a kata-agent that removes a bundle's folder by itself.
TEST_F(BundleTest, WhatAnEarlierContainerWroteIsNotALaterOnes) {
    std::vector<store::HeldLayer> layers;
    layers.push_back(layer("low", "web:x:33:34::/srv:\n"));
    ASSERT_TRUE(make(layers));
    ASSERT_TRUE(write_file(bundle_ / "rootfs" / "etc" / "secret", as_bytes("of the first")));
    ASSERT_TRUE(write_file(bundle_ / "rootfs" / "etc" / "passwd", as_bytes("web:x:0:0::/:")));
    ASSERT_TRUE(store::unmount(bundle_ / "rootfs"));
    std::filesystem::remove_all(bundle_);
    const auto made = make(layers);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_FALSE(std::filesystem::exists(bundle_ / "rootfs" / "etc" / "secret"));
    EXPECT_EQ(read_json(bundle_ / "config.json", 1024 * 1024)->at("process").at("user").at("uid"), 33);
}

TEST_F(BundleTest, WhatContainersOfBundlesThatAreGoneWroteGoesToo) {
    std::vector<store::HeldLayer> layers;
    layers.push_back(layer("low", "web:x:33:34::/srv:\n"));
    ASSERT_TRUE(make(layers));
    ASSERT_TRUE(forget_gone(store_));
    EXPECT_FALSE(std::filesystem::is_empty(store_ / "writable"));
    ASSERT_TRUE(store::unmount(bundle_ / "rootfs"));
    std::filesystem::remove_all(bundle_);
    const auto forgotten = forget_gone(store_);
    ASSERT_TRUE(forgotten) << forgotten.error().message;
    EXPECT_TRUE(std::filesystem::is_empty(store_ / "writable"));
    EXPECT_TRUE(records().empty());
}

// Whoever starts the container may bring a command.
TEST_F(BundleTest, AnImageWithoutACommandBecomesABundle) {
    std::vector<store::HeldLayer> layers;
    layers.push_back(layer("low", "web:x:33:34::/srv:\n"));
    image_.entrypoint.clear();
    const auto made = make(layers);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(read_json(bundle_ / "config.json", 1024 * 1024)->at("process").at("args"), Json::array());
}

TEST_F(BundleTest, AnImpliedFolderTakesAfterNothingThatALinkLeadsTo) {
    // What the guest has elsewhere, and a layer below that plants a link to it.
    std::filesystem::create_directories(folder_.path() / "guest" / "inside");
    ASSERT_EQ(::chmod((folder_.path() / "guest" / "inside").c_str(), 0751), 0);
    const auto made = [&](std::string_view name, const std::function<void(const path&)>& fill) {
        auto layer = layers_->obtain(digest_of(name), [&](const path& folder) -> Status {
            fill(folder);
            return {};
        });
        EXPECT_TRUE(layer) << layer.error().message;
        return *std::move(layer);
    };
    std::vector<store::HeldLayer> layers;
    layers.push_back(layer("low", "web:x:1:1::/low:\n"));
    layers.push_back(made("links", [&](const path& folder) {
        std::filesystem::create_symlink(folder_.path() / "guest", folder / "way");
    }));
    layers.push_back(made("high", [](const path& folder) {
        std::filesystem::create_directories(folder / "way" / "inside");
        for (const auto& place : {folder / "way", folder / "way" / "inside"})
            ASSERT_EQ(::lsetxattr(place.c_str(), "trusted.hallmark.implied", "y", 1, 0), 0);
        ASSERT_EQ(::lsetxattr(folder.c_str(), "trusted.hallmark.has-implied", "y", 1, 0), 0);
    }));
    ASSERT_TRUE(make(layers));
    struct stat status{};
    ASSERT_EQ(::lstat((bundle_ / "rootfs" / "way" / "inside").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0755U);
}

TEST_F(BundleTest, ALayerInUseIsNotCollectedAndOneOutOfUseIs) {
    {
        std::vector<store::HeldLayer> layers;
        layers.push_back(layer("low", "web:x:1:1::/low:\n"));
        ASSERT_TRUE(make(layers));
    }
    EXPECT_EQ(layers_->collect([&] { return layers_of(records()); }), 0U);
    ASSERT_TRUE(remove_bundle(bundle_, store_));
    EXPECT_FALSE(std::filesystem::exists(bundle_ / "rootfs"));
    EXPECT_TRUE(std::filesystem::is_empty(store_ / "writable"));
    EXPECT_EQ(layers_->collect([&] { return layers_of(records()); }), 1U);
}

TEST_F(BundleTest, WhatCannotRunLeavesNothing) {
    std::vector<store::HeldLayer> layers;
    layers.push_back(layer("low", "somebody:x:1:1::/low:\n"));
    expect_error(make(layers), {"user 'web'"}, Fault::kNo);
    EXPECT_TRUE(std::filesystem::is_empty(bundle_));
    EXPECT_TRUE(records().empty());
    image_.user = "0";
    const auto made = make(layers);
    EXPECT_TRUE(made) << made.error().message;
    expect_error(make(layers), {"rootfs", "is there already"}, Fault::kNo);
}

TEST_F(BundleTest, AnImageOfNothingHasAnEmptyRoot) {
    image_.user.clear();
    const auto made = make({});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(std::filesystem::is_empty(bundle_ / "rootfs"));
}

}  // namespace
}  // namespace hallmark::bundle
