// SPDX-License-Identifier: Apache-2.0
#include "agent/init-data/init_data.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "agent/init-data/disk.hpp"
#include "common/file.hpp"
#include "common/formats/init_data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::guest {
namespace {

using hallmark::test::expect_error;

constexpr std::string_view kDocument =
    "version = \"0.1.0\"\nalgorithm = \"sha256\"\n[data]\n\"cdh.toml\" = \"socket = 1\"\n"
    "\"hallmark.toml\" = '''\nversion = 1\nnetwork = { dhcp = true }\n'''\n";

/// Disks as the kernel shows them.
class Disks : public ::testing::Test {
protected:
    Roots roots() const { return {.sys = folder_.path() / "sys", .dev = folder_.path() / "dev"}; }
    std::string target() const { return folder_.path() / "run" / "initdata"; }
    void add(const std::string& name, ByteSpan content) const {
        std::filesystem::create_directories(folder_.path() / "sys" / "block" / name);
        std::filesystem::create_directories(folder_.path() / "dev");
        ASSERT_TRUE(write_file(folder_.path() / "dev" / name, content));
    }
    std::string text_of(const std::string& name) const {
        const auto content = read_file(std::filesystem::path(target()) / name, 1 << 20);
        return content ? std::string(content->begin(), content->end()) : "";
    }
    static Bytes disk() { return init_data::make_disk(as_bytes(kDocument)); }

private:
    hallmark::test::TemporaryFolder folder_;
};

TEST_F(Disks, NoneOfThemIsNoInitData) {
    add("vda", Bytes(4096));
    add("sda", Bytes(3));  // shorter than what an init-data disk begins with
    const auto data = take_init_data(roots(), target());
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_FALSE(*data);
    EXPECT_FALSE(std::filesystem::exists(target()));
}

TEST_F(Disks, TheDocumentAndItsPartsAreWritten) {
    add("vda", Bytes(4096));
    add("sdb", disk());
    const auto data = take_init_data(roots(), target());
    ASSERT_TRUE(data) << data.error().message;
    ASSERT_TRUE(*data);
    EXPECT_TRUE((*data)->settings.network->dhcp);
    EXPECT_TRUE((*data)->has_hub_config);
    EXPECT_FALSE((*data)->has_agent_config);
    EXPECT_EQ(text_of("initdata.toml"), kDocument);
    EXPECT_EQ(text_of("cdh.toml"), "socket = 1");
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(target()) / "aa.toml"));
}

TEST_F(Disks, OtherDevicesAreNotLookedAt) {
    add("loop0", disk());
    add("nvme0n1", disk());
    EXPECT_FALSE(find_init_data(roots()).value());
}

TEST_F(Disks, WhichOfTwoIsMeantIsNotGuessed) {
    add("vda", disk());
    add("vdb", disk());
    expect_error(take_init_data(roots(), target()), {"two init-data disks", "/vda", "/vdb"}, Fault::kNo);
    EXPECT_FALSE(std::filesystem::exists(target()));
}

TEST_F(Disks, ADamagedOneIsRefused) {
    Bytes broken = disk();
    broken[40] ^= 1;
    add("vda", broken);
    expect_error(find_init_data(roots()), {"/vda"});
    Bytes cut = disk();
    cut.resize(100);
    add("vda", cut);
    expect_error(find_init_data(roots()), {"/vda", "left, expected"});
    Bytes large = disk();
    large[11] = 0xff;
    add("vda", large);
    expect_error(find_init_data(roots()), {"/vda", "expected at most"});
}

TEST_F(Disks, ADocumentThatIsTooLargeIsRefused) {
    add("vda", init_data::make_disk(Bytes(init_data::kLargestDocument + 1, '#')));
    expect_error(find_init_data(roots()), {"/vda"});
}

TEST_F(Disks, SettingsThatMeanNothingAreRefusedBeforeAnythingIsWritten) {
    add("vda", init_data::make_disk(as_bytes("version = \"0.1.0\"\nalgorithm = \"sha256\"\n"
                                             "[data]\n\"hallmark.toml\" = \"version = 9\"\n")));
    expect_error(take_init_data(roots(), target()), {"hallmark.toml", "found 9"});
    EXPECT_FALSE(std::filesystem::exists(target()));
}

TEST_F(Disks, ADiskThatCanNotBeReadIsRefused) {
    add("vda", disk());
    std::filesystem::create_directories(std::filesystem::path(roots().sys) / "block" / "vdb");
    expect_error(find_init_data(roots()), {"/vdb"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::guest
