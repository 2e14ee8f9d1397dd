// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/layer_store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agent/image-store/space.hpp"
#include "common/bytes.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::store {
namespace {

using std::filesystem::path;
using test::expect_error;

oci::Digest digest_of(std::string_view text) { return oci::Digest::of(as_bytes(text)); }

Status write_marker(const path& folder, std::string_view text) { return write_file(folder / "marker", as_bytes(text)); }

std::string marker_of(const HeldLayer& layer) {
    const auto bytes = read_file(layer.folder() / "marker", 1024);
    return bytes ? std::string(bytes->begin(), bytes->end()) : bytes.error().message;
}

std::size_t entries_in(const path& folder) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

class LayerStoreTest : public testing::Test {
protected:
    void SetUp() override { open(); }
    void open() {
        auto store = LayerStore::open(folder_.path(), Durability::kPower);
        ASSERT_TRUE(store) << store.error().message;
        store_.emplace(*store);
    }

    test::TemporaryFolder folder_;
    std::optional<LayerStore> store_;
};

TEST_F(LayerStoreTest, ALayerIsUnpackedOnceAndStaysAcrossProcesses) {
    int unpacked = 0;
    const auto unpack = [&](const path& folder) {
        ++unpacked;
        return write_marker(folder, "one");
    };
    const auto digest = digest_of("one");
    ASSERT_TRUE(store_->obtain(digest, unpack));
    ASSERT_TRUE(store_->obtain(digest, unpack));
    open();
    const auto layer = store_->obtain(digest, unpack);
    ASSERT_TRUE(layer) << layer.error().message;
    EXPECT_EQ(unpacked, 1);
    EXPECT_EQ(layer->folder(), folder_.path() / "layers" / ("sha256-" + digest.hex()));
    EXPECT_EQ(marker_of(*layer), "one");
}

TEST_F(LayerStoreTest, WhatFailedLeavesNothingAndTheNextAttemptWorks) {
    const auto digest = digest_of("one");
    const auto failed = store_->obtain(digest, [](const path& folder) -> Status {
        HALLMARK_CHECK(write_marker(folder, "half"));
        return refused("diff_id: another");
    });
    expect_error(failed, {"diff_id: another"}, Fault::kNo);
    EXPECT_EQ(entries_in(folder_.path() / "layers"), 0U);
    EXPECT_EQ(entries_in(folder_.path() / "incoming"), 0U);
    const auto layer = store_->obtain(digest, [](const path& folder) { return write_marker(folder, "whole"); });
    ASSERT_TRUE(layer) << layer.error().message;
    EXPECT_EQ(marker_of(*layer), "whole");
}

TEST_F(LayerStoreTest, WhatAKilledPullLeftIsNoLayerAndIsRemoved) {
    ASSERT_TRUE(std::filesystem::create_directories(folder_.path() / "incoming" / "1" / "usr"));
    open();
    EXPECT_EQ(entries_in(folder_.path() / "incoming"), 0U);
}

TEST_F(LayerStoreTest, OfManyCallersForOneLayerOneUnpacks) {
    std::atomic<int> unpacked = 0;
    std::atomic<int> whole = 0;
    std::vector<std::jthread> callers;
    callers.reserve(8);
    for (int caller = 0; caller < 8; ++caller)
        callers.emplace_back([&] {
            const auto layer = store_->obtain(digest_of("one"), [&](const path& folder) {
                ++unpacked;
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
                return write_marker(folder, "one");
            });
            if (layer && marker_of(*layer) == "one") ++whole;
        });
    callers.clear();
    EXPECT_EQ(unpacked, 1);
    EXPECT_EQ(whole, 8);
}

TEST_F(LayerStoreTest, WhoWaitedForOneThatFailedTriesItself) {
    std::atomic<bool> begun = false;
    std::jthread first([&] {
        const auto failed = store_->obtain(digest_of("one"), [&](const path&) -> Status {
            begun = true;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            return refused("the registry hung up");
        });
        EXPECT_FALSE(failed);
    });
    while (!begun) std::this_thread::yield();
    const auto layer = store_->obtain(digest_of("one"), [](const path& folder) { return write_marker(folder, "two"); });
    ASSERT_TRUE(layer) << layer.error().message;
    EXPECT_EQ(marker_of(*layer), "two");
}

TEST_F(LayerStoreTest, WhoOpensTheStoreLeavesWhatOthersUnpack) {
    const auto layer = store_->obtain(digest_of("one"), [&](const path& folder) {
        open();
        return write_marker(folder, "one");
    });
    ASSERT_TRUE(layer) << layer.error().message;
    EXPECT_EQ(marker_of(*layer), "one");
}

TEST_F(LayerStoreTest, AProcessThatIsKilledHoldsNobodyUp) {
    const auto digest = digest_of("one");
    std::array<int, 2> ready{};
    ASSERT_EQ(::pipe(ready.data()), 0);
    const auto child = ::fork();
    if (child == 0) {
        (void)store_->obtain(digest, [&](const path& folder) -> Status {
            HALLMARK_CHECK(write_marker(folder, "half"));
            if (::write(ready[1], "x", 1) == 1) ::pause();
            return {};
        });
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const auto layer = store_->obtain(digest, [](const path& folder) {
        EXPECT_EQ(entries_in(folder), 0U);
        return write_marker(folder, "whole");
    });
    ASSERT_TRUE(layer) << layer.error().message;
    EXPECT_EQ(marker_of(*layer), "whole");
}

TEST_F(LayerStoreTest, CollectsWhatNobodyHoldsOrKeeps) {
    const auto unpack = [](const path& folder) { return write_marker(folder, "x"); };
    const auto held = store_->obtain(digest_of("held"), unpack);
    ASSERT_TRUE(held);
    ASSERT_TRUE(store_->obtain(digest_of("kept"), unpack));
    ASSERT_TRUE(store_->obtain(digest_of("left"), unpack));
    open();
    const auto removed = store_->collect([] { return std::set{digest_of("kept")}; });
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(*removed, 1U);
    EXPECT_EQ(marker_of(*held), "x");
    EXPECT_EQ(entries_in(folder_.path() / "layers"), 2U);
    EXPECT_EQ(entries_in(folder_.path() / "incoming"), 0U);
}

TEST_F(LayerStoreTest, ALayerThatComesIntoUseMeanwhileStays) {
    const auto unpack = [](const path& folder) { return write_marker(folder, "x"); };
    ASSERT_TRUE(store_->obtain(digest_of("first"), unpack));
    ASSERT_TRUE(store_->obtain(digest_of("second"), unpack));
    // Whoever asks for the second layer's users sees what was written down when the first was looked at.
    std::set<oci::Digest> written;
    const auto removed = store_->collect([&] {
        auto now = written;
        written = {digest_of("first"), digest_of("second")};
        return now;
    });
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(*removed, 1U);
    EXPECT_EQ(entries_in(folder_.path() / "layers"), 1U);
}

/// A file system of 2 MiB, for who may mount one.
class SmallDisk {
public:
    explicit SmallDisk(path at) : at_(std::move(at)) {
        mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=2m") == 0;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    [[nodiscard]] bool mounted() const { return mounted_; }

private:
    path at_;
    bool mounted_ = false;
};

TEST(LayerStore, SaysThatSpaceRanOutAndGivesItBack) {
    const test::TemporaryFolder folder;
    const SmallDisk disk(folder.path());
    if (!disk.mounted()) GTEST_SKIP() << "only root may mount a small file system";
    const auto store = LayerStore::open(folder.path(), Durability::kProcess);
    ASSERT_TRUE(store) << store.error().message;
    const auto before = space_in(folder.path());
    const auto full = store->obtain(digest_of("many"), [](const path& to) -> Status {
        for (int number = 0; number < 64; ++number)
            HALLMARK_CHECK(write_file(to / std::to_string(number), Bytes(64 * 1024)));
        return {};
    });
    expect_error(full, {folder.path().string(), "no space is left", "bytes", "larger disk"}, Fault::kNo);
    const auto after = space_in(folder.path());
    ASSERT_TRUE(before && after);
    EXPECT_GE(after->bytes + 64 * 1024, before->bytes);
}

}  // namespace
}  // namespace hallmark::store
