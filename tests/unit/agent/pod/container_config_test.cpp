// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/container_config.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/expect_error.hpp"

namespace hallmark::pod {
namespace {

using guest::ContainerSettings;
using guest::MountSettings;
using Texts = std::vector<std::string>;

ContainerSettings settings() { return {.name = "main", .image = "registry.example/app:1"}; }

Json config_of(const ContainerSettings& settings, std::uint32_t uid = 0) {
    oci::ImageConfig image;
    image.entrypoint = {"/app"};
    const bundle::User user{.uid = uid, .gid = uid, .additional_gids = {}};
    const std::filesystem::path volumes = "/volumes";
    const auto config = container_config(
        {.settings = settings, .environment = {"A=b"}, .image = image, .user = user, .volumes = volumes});
    if (config) return *config;
    ADD_FAILURE() << config.error().message;
    return {};
}

Texts names(const Json& config, const char* set) { return config["process"]["capabilities"][set].get<Texts>(); }

bool has(const Texts& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

TEST(ContainerConfig, IsTheImagesWithTheUsualConfinement) {
    const Json config = config_of(settings());
    EXPECT_EQ(config["process"]["args"], Json::array({"/app"}));
    EXPECT_EQ(config["process"]["noNewPrivileges"], true);
    EXPECT_EQ(config["process"]["oomScoreAdj"], 1000);
    EXPECT_EQ(config["hostname"], "main");
    EXPECT_TRUE(has(config["process"]["env"].get<Texts>(), "A=b"));
    EXPECT_EQ(config["linux"]["cgroupsPath"], "/pod/main");
    EXPECT_FALSE(config["linux"]["resources"].contains("memory"));
    EXPECT_FALSE(config["linux"]["resources"].contains("pids"));
    EXPECT_FALSE(config["linux"]["resources"].contains("cpu"));
    EXPECT_EQ(config["linux"]["seccomp"]["defaultAction"], "SCMP_ACT_ERRNO");
}

TEST(ContainerConfig, AnImageWithoutACommandNeedsOne) {
    const oci::ImageConfig bare;
    const bundle::User user;
    const std::filesystem::path volumes = "/volumes";
    const auto with = [&](const ContainerSettings& settings) {
        return container_config(
            {.settings = settings, .environment = {}, .image = bare, .user = user, .volumes = volumes});
    };
    test::expect_error(with(settings()), {"Entrypoint", "Cmd", "name one"}, Fault::kNo);
    auto named = settings();
    named.command = {"/app", "-v"};
    EXPECT_EQ(with(named)->at("process").at("args"), Json::array({"/app", "-v"}));
}

TEST(ContainerConfig, LimitsAreInTheUnitsOfTheSpecification) {
    auto limited = settings();
    limited.memory_mib = 64;
    limited.pids = 100;
    limited.cpu_percent = 250;
    const Json resources = config_of(limited)["linux"]["resources"];
    EXPECT_EQ(resources["memory"]["limit"], 67'108'864);  // bytes
    EXPECT_EQ(resources["pids"]["limit"], 100);
    EXPECT_EQ(resources["cpu"]["quota"], 250'000);  // microseconds
    EXPECT_EQ(resources["cpu"]["period"], 100'000);
    EXPECT_TRUE(resources.contains("devices"));
}

TEST(ContainerConfig, CapabilitiesOfRoot) {
    auto changed = settings();
    changed.capabilities = {"CAP_NET_ADMIN", "CAP_CHOWN"};
    changed.drop_capabilities = {"CAP_NET_RAW"};
    const Json config = config_of(changed);
    for (const char* set : {"bounding", "effective", "permitted"}) {
        EXPECT_EQ(names(config, set).size(), 14U) << set;
        EXPECT_TRUE(has(names(config, set), "CAP_NET_ADMIN")) << set;
        EXPECT_FALSE(has(names(config, set), "CAP_NET_RAW")) << set;
    }
    EXPECT_FALSE(config["process"]["capabilities"].contains("ambient"));
}

TEST(ContainerConfig, CapabilitiesOfAnotherUser) {
    EXPECT_TRUE(names(config_of(settings(), 1000), "effective").empty());
    EXPECT_TRUE(names(config_of(settings(), 1000), "ambient").empty());
    auto changed = settings();
    changed.capabilities = {"CAP_NET_BIND_SERVICE"};
    changed.drop_capabilities = {"ALL"};
    const Json config = config_of(changed, 1000);
    for (const char* set : {"bounding", "effective", "permitted", "inheritable", "ambient"})
        EXPECT_EQ(names(config, set), Texts{"CAP_NET_BIND_SERVICE"}) << set;
}

TEST(ContainerConfig, MountsAreMemoryOrVolumes) {
    auto mounted = settings();
    mounted.mounts = {{.path = "/cache", .size_mib = 16}, {.path = "/data", .volume = "data", .read_only = true}};
    const Json mounts = config_of(mounted)["mounts"];
    const Json& cache = mounts[mounts.size() - 2];
    EXPECT_EQ(cache["destination"], "/cache");
    EXPECT_EQ(cache["type"], "tmpfs");
    EXPECT_EQ(cache["options"].get<Texts>(), (Texts{"nosuid", "nodev", "rw", "mode=1777", "size=16m"}));
    const Json& data = mounts[mounts.size() - 1];
    EXPECT_EQ(data["source"], "/volumes/data");
    EXPECT_EQ(data["options"].get<Texts>(), (Texts{"nosuid", "nodev", "ro", "bind"}));
    for (const auto& mount : mounts)
        EXPECT_TRUE(has(mount["options"].get<Texts>(), "nosuid")) << mount["destination"].get<std::string>();
}

}  // namespace
}  // namespace hallmark::pod
