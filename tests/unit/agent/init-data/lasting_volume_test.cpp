// SPDX-License-Identifier: Apache-2.0
// [[pod.volume]] on a disk of the host: agent/init-data/pod_settings.cpp.
#include <gtest/gtest.h>

#include "agent/init-data/pod_settings.hpp"
#include "agent/init-data/settings.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::guest {
namespace {

Result<VolumeSettings> volume_of(const std::string& lines) {
    auto settings = parse_settings("version = 1\n[[pod.volume]]\nname = 'data'\n" + lines +
                                   "\n[[pod.container]]\nname = 'main'\nimage = 'registry.example/app:1'\n");
    if (!settings) return std::unexpected(settings.error());
    return settings->pod->volumes.at(0);
}

TEST(LastingVolume, NamesItsDiskAndItsKey) {
    const auto volume = volume_of("disk = 'disk-1'\nkey = 'kbs:///default/key/data'");
    ASSERT_TRUE(volume) << volume.error().message;
    ASSERT_TRUE(volume->disk);
    EXPECT_EQ(volume->disk->serial, "disk-1");
    EXPECT_EQ(volume->disk->key, "kbs:///default/key/data");
    EXPECT_FALSE(volume->disk->create);
    EXPECT_TRUE(volume_of("disk = 'd'\nkey = 'sealed.a.b.c'\ncreate = true")->disk->create);
    EXPECT_FALSE(volume_of("size_mib = 1")->disk);
}

TEST(LastingVolume, HasNothingElse) {
    const auto refuse = [](const std::string& lines, std::string_view reason) {
        hallmark::test::expect_error(volume_of(lines), {reason});
    };
    refuse("disk = 'd'", "key");
    refuse("key = 'kbs:///a/b/c'", "key");
    refuse("disk = 'd'\nkey = 'kbs:///a/b/c'\nsize_mib = 1", "size_mib");
    refuse("size_mib = 1\ncreate = true", "create");
    refuse("disk = ''\nkey = 'kbs:///a/b/c'", "expected a serial number");
    refuse("disk = 'a/b'\nkey = 'kbs:///a/b/c'", "expected a serial number");
    refuse("disk = '123456789012345678901'\nkey = 'kbs:///a/b/c'", "up to 20");
    refuse("disk = 'd'\nkey = 'file:///etc/passwd'", "expected kbs:///REPOSITORY/TYPE/TAG or a sealed secret");
    refuse("disk = 'd'\nkey = 'kbs:///a/b/c'\ncreate = 1", "create");
}

}  // namespace
}  // namespace hallmark::guest
