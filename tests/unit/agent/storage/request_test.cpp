// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/request.hpp"

#include <gtest/gtest.h>
#include <proto/confidential_data_hub.pb.h>
#include <sys/mount.h>

#include <map>
#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::storage {
namespace {

using Options = std::map<std::string, std::string>;

const std::string kMountPoint = "/run/kata-containers/image/";

/// What a kata-agent asks for where a container has a device /dev/trusted_store.
/// Source: kata-containers, src/agent/src/cdh.rs and rpc.rs, as facts of Confidential Containers sum them up.
Options trusted_store() {
    return {{"deviceId", "254:32"},
            {"sourceType", "empty"},
            {"encryptionType", "luks2"},
            {"dataIntegrity", "false"},
            {"mkfsOpts", "-E lazy_journal_init"}};
}

api::SecureMountRequest request_of(const Options& options, const std::string& mount_point = kMountPoint) {
    api::SecureMountRequest request;
    request.set_volume_type("block-device");
    for (const auto& [name, value] : options) (*request.mutable_options())[name] = value;
    request.set_mount_point(mount_point);
    return request;
}

Options with(Options options, const std::string& name, const std::string& value) {
    options[name] = value;
    return options;
}

TEST(SecureMountRequest, OfAKataAgentIsScratch) {
    const auto volume = read_request(request_of(trusted_store()));
    ASSERT_TRUE(volume) << volume.error().message;
    EXPECT_EQ(volume->content, Content::kScratch);
    EXPECT_EQ(volume->device_number, std::pair(254U, 32U));
    EXPECT_EQ(volume->mount_point, "/run/kata-containers/image");
    EXPECT_EQ(volume->mount_flags, 0UL);
}

TEST(SecureMountRequest, WithAKeyIsMadeOnceAndOpenedAgain) {
    auto options = with(trusted_store(), "key", "kbs:///default/key/disk");
    EXPECT_EQ(read_request(request_of(options))->content, Content::kEmpty);
    options["sourceType"] = "encrypted";
    options["mapperName"] = "data";
    auto request = request_of(options, "/run/kata-containers/sandbox/storage/one");
    request.add_flags("ro");
    request.add_flags("noexec");
    const auto volume = read_request(request);
    ASSERT_TRUE(volume) << volume.error().message;
    EXPECT_EQ(volume->content, Content::kEncrypted);
    EXPECT_EQ(volume->key, "kbs:///default/key/disk");
    EXPECT_EQ(volume->mapper_name, "data");
    EXPECT_EQ(volume->mount_flags, static_cast<unsigned long>(MS_RDONLY | MS_NOEXEC));
    EXPECT_TRUE(read_request(request_of(with(options, "key", "sealed.a.b.c"))));
}

TEST(SecureMountRequest, IdWinsOverPath) {
    const auto both = read_request(request_of(with(trusted_store(), "devicePath", "/dev/vdb")));
    EXPECT_TRUE(both->device_path.empty());
    auto options = with(trusted_store(), "devicePath", "/dev/vdb");
    options.erase("deviceId");
    EXPECT_EQ(read_request(request_of(options))->device_path, "/dev/vdb");
}

TEST(SecureMountRequest, NothingElseIsTaken) {
    struct Case {
        std::string name, value;
        std::string_view reason;
    };
    const Case cases[] = {
        {"sourceType", "", "sourceType: found ''"},
        {"sourceType", "encrypted", "option key: found ''"},
        {"encryptionType", "zfs", "encryptionType: found 'zfs', expected luks2"},
        {"encryptionType", "", "encryptionType"},
        {"filesystemType", "xfs", "filesystemType: found 'xfs', expected ext4"},
        {"targetType", "device", "targetType: found 'device', expected fileSystem"},
        {"mkfsOpts", "-E root_owner -d /etc", "mkfsOpts"},
        {"dataIntegrity", "no", "dataIntegrity"},
        {"cipher", "null", "option 'cipher' is unknown"},
        {"key", "file:///etc/passwd", "option key"},
        {"key", "secret", "option key"},
        {"key", "sealed." + std::string(20'000, 'a'), "option key"},
        {"deviceId", "254", "deviceId: found '254', expected MAJOR:MINOR"},
        {"deviceId", "254:", "deviceId"},
        {"deviceId", "-1:0", "deviceId"},
        {"deviceId", "254:0 ", "deviceId"},
        {"deviceId", "4294967296:0", "deviceId"},
        {"mapperName", "../vda", "mapperName"},
        {"mapperName", "control", "mapperName"},
        {"mapperName", "--test-passphrase", "mapperName"},
        {"mapperName", std::string(65, 'a'), "mapperName"},
    };
    for (const auto& [name, value, reason] : cases)
        test::expect_error(read_request(request_of(with(trusted_store(), name, value))), {reason});
}

TEST(SecureMountRequest, DevicesAndMountPointsStayInTheirFolders) {
    auto options = trusted_store();
    options.erase("deviceId");
    for (const auto* path : {"", "/dev/", "vda", "/etc/passwd", "/dev/../etc/passwd", "/dev//vda", "/dev/./vda"})
        test::expect_error(read_request(request_of(with(options, "devicePath", path))), {"devicePath"});
    for (const std::string path :
         {"", "/", "/usr", "/run", "/run/kata-containers", "/run/kata-containers/", "/run/kata-containers/../x",
          "/run/kata-containers/a//b", "run/kata-containers/a", "/run/kata-containers-x/a"})
        test::expect_error(read_request(request_of(trusted_store(), path)), {"mount point"});
    auto request = request_of(trusted_store());
    request.add_flags("suid");
    test::expect_error(read_request(request), {"mount flag 'suid' is unknown"});
    request = request_of(trusted_store());
    request.set_volume_type("alibaba-cloud-oss");
    test::expect_error(read_request(request), {"volume type 'alibaba-cloud-oss', expected block-device"});
}

}  // namespace
}  // namespace hallmark::storage
