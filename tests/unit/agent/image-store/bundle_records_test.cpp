// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/bundle_records.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string_view>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::store {
namespace {

using test::expect_error;

oci::Digest digest_of(std::string_view text) { return oci::Digest::of(as_bytes(text)); }

class BundleRecordsTest : public testing::Test {
protected:
    [[nodiscard]] BundleRecords records() const {
        auto records = BundleRecords::open(folder_.path());
        EXPECT_TRUE(records);
        return *records;
    }
    [[nodiscard]] BundleRecord record(std::string_view bundle) const {
        const auto path = folder_.path() / bundle;
        std::filesystem::create_directories(path);
        return {.bundle = path,
                .reference = "docker.io/library/busybox:latest",
                .manifest = digest_of("manifest"),
                .layers = {digest_of("base"), digest_of(bundle)}};
    }

    test::TemporaryFolder folder_;
};

TEST_F(BundleRecordsTest, KeepsWhatBundlesUse) {
    ASSERT_TRUE(records().add(record("one")));
    ASSERT_TRUE(records().add(record("two")));
    const auto all = records().all();
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(layers_of(*all), (std::set{digest_of("base"), digest_of("one"), digest_of("two")}));
}

TEST_F(BundleRecordsTest, ABundleHasOneRecord) {
    auto renewed = record("one");
    ASSERT_TRUE(records().add(renewed));
    renewed.layers = {digest_of("other")};
    ASSERT_TRUE(records().add(renewed));
    const auto all = records().all();
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 1U);
    EXPECT_EQ(all->front(), renewed);
}

TEST_F(BundleRecordsTest, ForgetsBundlesThatAreGone) {
    ASSERT_TRUE(records().add(record("one")));
    ASSERT_TRUE(records().add(record("two")));
    ASSERT_TRUE(records().add(record("three")));
    std::filesystem::remove(folder_.path() / "one");
    ASSERT_TRUE(records().remove(folder_.path() / "two"));
    ASSERT_TRUE(records().remove(folder_.path() / "two"));
    const auto all = records().all();
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 1U);
    EXPECT_EQ(all->front().bundle, folder_.path() / "three");
    std::filesystem::create_directories(folder_.path() / "one");
    EXPECT_EQ(records().all()->size(), 1U);
}

TEST_F(BundleRecordsTest, ADamagedRecordIsNamedAndNothingIsForgotten) {
    ASSERT_TRUE(records().add(record("one")));
    const auto file = folder_.path() / "bundles" / "x.json";
    ASSERT_TRUE(
        write_file(file, as_bytes(R"({"bundle": "/x", "reference": "x", "manifest": "md5:00", "layers": []})")));
    expect_error(records().all(), {"md5"});
}

}  // namespace
}  // namespace hallmark::store
