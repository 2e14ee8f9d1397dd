// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/overlay.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::store {
namespace {

using std::filesystem::path;
using test::expect_error;

class OverlayTest : public testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root may mount";
        for (const auto* name : {"upper", "work", "at"}) std::filesystem::create_directory(folder_.path() / name);
    }
    void TearDown() override {
        if (mounted_) {
            EXPECT_TRUE(unmount(at_));
        }
    }
    path layer(const std::string& name) {
        std::filesystem::create_directory(folder_.path() / name);
        return folder_.path() / name;
    }
    Status mount(const std::vector<path>& layers) {
        auto status =
            mount_overlay({.layers = layers, .upper = folder_.path() / "upper", .work = folder_.path() / "work"}, at_);
        mounted_ = status.has_value();
        return status;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        const auto bytes = read_file(at_ / name, 1024);
        return bytes ? std::string(bytes->begin(), bytes->end()) : "";
    }

    test::TemporaryFolder folder_;
    path at_ = folder_.path() / "at";
    bool mounted_ = false;
};

TEST_F(OverlayTest, HigherLayersCoverLowerOnesAndWritesGoAbove) {
    const auto low = layer("low");
    const auto high = layer("high");
    ASSERT_TRUE(write_file(low / "both", as_bytes("low")));
    ASSERT_TRUE(write_file(high / "both", as_bytes("high")));
    ASSERT_TRUE(write_file(low / "gone", as_bytes("low")));
    ASSERT_EQ(::mknod((high / "gone").c_str(), S_IFCHR, makedev(0, 0)), 0);
    const auto mounted = mount({low, high});
    ASSERT_TRUE(mounted) << mounted.error().message;
    EXPECT_EQ(read("both"), "high");
    EXPECT_FALSE(std::filesystem::exists(at_ / "gone"));
    ASSERT_TRUE(write_file(at_ / "both", as_bytes("written")));
    EXPECT_EQ(read("both"), "written");
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "upper" / "both"));
    EXPECT_EQ(read_file(high / "both", 16), Bytes({'h', 'i', 'g', 'h'}));
}

TEST_F(OverlayTest, TakesMoreLayersThanFitIntoOnePageOfOptions) {
    std::vector<path> layers;
    for (int number = 0; number < 400; ++number) {
        layers.push_back(layer("layer-with-a-name-as-long-as-that-of-a-digest-" + std::to_string(number)));
        ASSERT_TRUE(std::filesystem::create_directory(layers.back() / std::to_string(number)));
    }
    const auto mounted = mount(layers);
    ASSERT_TRUE(mounted) << mounted.error().message;
    EXPECT_TRUE(std::filesystem::exists(at_ / "0"));
    EXPECT_TRUE(std::filesystem::exists(at_ / "399"));
}

TEST_F(OverlayTest, RefusesNoneAndTooMany) {
    expect_error(mount({}), {"0 layers", "1 to 500"}, Fault::kNo);
    expect_error(mount(std::vector<path>(501, layer("one"))), {"501 layers", "1 to 500"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::store
