// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/image_config.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/json.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::oci {
namespace {

using Texts = std::vector<std::string>;

const std::string kDiffId = "sha256:c6f988f4874bb0add23a778f753c65efe992244e148a1d2ec2a8b664fb66bbd1";

// The example of config.md, shortened.
const std::string kExample = R"({
  "created": "2015-10-31T22:22:56.015925234Z",
  "author": "Alyssa P. Hacker <alyspdev@example.com>",
  "architecture": "amd64",
  "os": "linux",
  "config": {
    "User": "alice",
    "ExposedPorts": {"8080/tcp": {}},
    "Env": ["PATH=/usr/local/sbin:/usr/bin", "FOO=oci_is_a"],
    "Entrypoint": ["/bin/my-app-binary"],
    "Cmd": ["--foreground", "--config"],
    "Volumes": {"/var/job-result-data": {}, "/var/log/my-app-logs": {}},
    "WorkingDir": "/srv/alice",
    "Labels": {"com.example.project.git.url": "https://example.com/project.git"},
    "StopSignal": "SIGUSR1"
  },
  "rootfs": {"diff_ids": [")" +
                             kDiffId + R"("], "type": "layers"},
  "history": [{"created_by": "/bin/sh -c #(nop) CMD", "empty_layer": true}]
})";

Json valid() { return *parse_json(kExample, "example"); }

Result<ImageConfig> parsed(const Json& json) { return parse_image_config(json.dump(), "c"); }

Json with(const char* key, Json value) {
    Json json = valid();
    json["config"][key] = std::move(value);
    return json;
}

TEST(ImageConfig, IsRead) {
    const auto config = parse_image_config(kExample, "c");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->platform, (Platform{"linux", "amd64", ""}));
    ASSERT_EQ(config->diff_ids.size(), 1U);
    EXPECT_EQ(config->diff_ids[0].text(), kDiffId);
    EXPECT_EQ(config->environment, (Texts{"PATH=/usr/local/sbin:/usr/bin", "FOO=oci_is_a"}));
    EXPECT_EQ(config->entrypoint, Texts{"/bin/my-app-binary"});
    EXPECT_EQ(config->command, (Texts{"--foreground", "--config"}));
    EXPECT_EQ(config->user, "alice");
    EXPECT_EQ(config->working_directory, "/srv/alice");
    EXPECT_EQ(config->stop_signal, "SIGUSR1");
    EXPECT_EQ(config->volumes, (Texts{"/var/job-result-data", "/var/log/my-app-logs"}));
    EXPECT_EQ(config->exposed_ports, Texts{"8080/tcp"});
    EXPECT_EQ(config->labels.size(), 1U);
}

TEST(ImageConfig, NullIsNothing) {
    for (const auto* key : {"User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels"})
        EXPECT_TRUE(parsed(with(key, nullptr))) << key;
    Json json = valid();
    json["config"] = nullptr;
    EXPECT_TRUE(parsed(json));
    json.erase("config");
    EXPECT_TRUE(parsed(json));
}

TEST(ImageConfig, RefusesWhatIsNone) {
    for (const auto* key : {"architecture", "os", "rootfs"}) {
        Json json = valid();
        json.erase(key);
        test::expect_error(parsed(json), {key, "missing"});
    }
    for (const auto* key : {"User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels"})
        test::expect_error(parsed(with(key, 1U)), {"c: config." + std::string(key)});
    for (const auto* key : {"Env", "Entrypoint", "Cmd"})
        test::expect_error(parsed(with(key, Json::array({std::string("A=\0", 3)}))), {"a NUL in"});
    test::expect_error(parsed(with("User", std::string("a\0b", 3))), {"a NUL in 'a?b'"});
    for (const auto* entry : {"", "PATH", "=x"})
        test::expect_error(parsed(with("Env", Json::array({entry}))), {"c: config.Env", "expected NAME=value"});
    test::expect_error(parsed(with("Cmd", Json(1025, "x"))), {"1025 entries", "at most 1024"});
    Json json = valid();
    json["rootfs"]["type"] = "disk";
    test::expect_error(parsed(json), {"c: rootfs.type", "expected 'layers'"});
    json = valid();
    json["rootfs"]["diff_ids"].push_back("md5:0");
    test::expect_error(parsed(json), {"c: rootfs.diff_ids", "md5:0"});
    json["rootfs"]["diff_ids"] = Json(kMostLayers + 1, kDiffId);
    test::expect_error(parsed(json), {"501 entries", "at most 500"});
    test::expect_error(parse_image_config(std::string(kLargestDocument + 1, ' '), "c"), {"4194305 bytes"});
}

TEST(ImageConfig, HasOneDigestForEachLayer) {
    const auto config = parse_image_config(kExample, "c");
    ASSERT_TRUE(config);
    Manifest manifest;
    manifest.layers.resize(1);
    EXPECT_TRUE(fits(*config, manifest, "m"));
    manifest.layers.resize(2);
    test::expect_error(fits(*config, manifest, "m"), {"m: the configuration names 1 layers, the manifest 2"});
}

}  // namespace
}  // namespace hallmark::oci
