// SPDX-License-Identifier: Apache-2.0
#include "agent/init-data/pod_settings.hpp"

#include <gtest/gtest.h>

#include "agent/init-data/settings.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::guest {
namespace {

using hallmark::test::expect_error;
using Texts = std::vector<std::string>;

const std::string kDigest = "sha256:" + std::string(64, 'a');

Result<PodSettings> pod_of(const std::string& text) {
    auto settings = parse_settings("version = 1\n" + text);
    if (!settings) return std::unexpected(settings.error());
    return settings->pod.value();
}

/// One container with these lines.
std::string container(const std::string& lines, const std::string& name = "main") {
    return "[[pod.container]]\nname = '" + name + "'\nimage = 'registry.example/app:1'\n" + lines + "\n";
}

TEST(PodSettings, WhatIsNotSaidIsTheImagesOrNothing) {
    const auto pod = pod_of(container(""));
    ASSERT_TRUE(pod) << pod.error().message;
    EXPECT_FALSE(pod->output);
    EXPECT_FALSE(pod->steps);
    ASSERT_EQ(pod->containers.size(), 1U);
    const ContainerSettings& one = pod->containers[0];
    EXPECT_EQ(one.name, "main");
    EXPECT_EQ(one.image, "registry.example/app:1");
    EXPECT_FALSE(one.digest || one.command || one.arguments || one.working_directory || one.user);
    EXPECT_FALSE(one.memory_mib || one.pids || one.cpu_percent);
    EXPECT_TRUE(one.environment.empty() && one.capabilities.empty() && one.drop_capabilities.empty());
    EXPECT_FALSE(parse_settings("version = 1\n")->pod);
}

TEST(PodSettings, AllThatCanBeSaid) {
    const auto pod = pod_of("[pod]\noutput = true\nsteps = true\n[[pod.volume]]\nname = 'data'\nsize_mib = 8\n" +
                            container("digest = '" + kDigest + R"('
command = ["/bin/app", ""]
arguments = ["-v"]
environment = { NAME = "value", KEY = "sealed.abc" }
working_directory = "/srv/app"
user = "1000:1000"
memory_mib = 64
pids = 100
cpu_percent = 250
capabilities = ["CAP_NET_ADMIN"]
drop_capabilities = ["ALL", "CAP_KILL"]
[[pod.container.mount]]
path = "/cache"
size_mib = 16
[[pod.container.mount]]
path = "/data"
volume = "data"
read_only = true
)") + container("", "other"));
    ASSERT_TRUE(pod) << pod.error().message;
    EXPECT_TRUE(pod->output && pod->steps);
    EXPECT_EQ(pod->volumes.at(0).name, "data");
    EXPECT_EQ(pod->volumes.at(0).size_mib, 8U);
    const ContainerSettings& one = pod->containers.at(0);
    EXPECT_EQ(one.digest->text(), kDigest);
    EXPECT_EQ(one.command, (Texts{"/bin/app", ""}));
    EXPECT_EQ(one.arguments, (Texts{"-v"}));
    EXPECT_EQ(one.environment, (std::map<std::string, std::string>{{"NAME", "value"}, {"KEY", "sealed.abc"}}));
    EXPECT_EQ(one.working_directory, "/srv/app");
    EXPECT_EQ(one.user, "1000:1000");
    EXPECT_EQ(one.memory_mib, 64U);
    EXPECT_EQ(one.pids, 100U);
    EXPECT_EQ(one.cpu_percent, 250U);
    EXPECT_EQ(one.capabilities, (Texts{"CAP_NET_ADMIN"}));
    EXPECT_EQ(one.drop_capabilities, (Texts{"ALL", "CAP_KILL"}));
    ASSERT_EQ(one.mounts.size(), 2U);
    EXPECT_EQ(one.mounts[0].path, "/cache");
    EXPECT_EQ(one.mounts[0].size_mib, 16U);
    EXPECT_FALSE(one.mounts[0].read_only);
    EXPECT_EQ(one.mounts[1].volume, "data");
    EXPECT_TRUE(one.mounts[1].read_only);
    EXPECT_EQ(pod->containers.at(1).name, "other");
}

TEST(PodSettings, AnImageIsNamedInNormalForm) {
    const auto pod = pod_of("[[pod.container]]\nname = 'a'\nimage = 'busybox'\n");
    EXPECT_EQ(pod->containers[0].image, "docker.io/library/busybox:latest");
}

TEST(PodSettings, WhatIsNotMeantIsAnErrorWithItsLine) {
    const auto refuse = [](const std::string& text, std::initializer_list<std::string_view> parts) {
        expect_error(pod_of(text), parts);
    };
    refuse("[pod]\n", {"container"});
    refuse("[pod]\ncontainer = []\n", {"line 3", "at least one"});
    refuse("[pod]\nouput = true\n" + container(""), {"ouput"});
    refuse(container("comand = ['x']"), {"line 5", "comand"});
    refuse("[[pod.container]]\nname = 'a'\n", {"image"});
    refuse("[[pod.container]]\nimage = 'a'\n", {"name"});
    refuse("[[pod.container]]\nname = 'a'\nimage = 'A B'\n", {"line 4", "image"});
    for (const char* name : {"", "Main", "a/b", "..", "-a", "a-", "a_b", "a b"}) {
        refuse(container("", name), {"line 3", "lower-case letters"});
    }
    refuse(container("", std::string(64, 'a')), {"at most 63"});
    refuse(container("") + container(""), {"there is one already"});
    refuse(container("digest = 'sha256:12'"), {"digest"});
    refuse(container("command = '/bin/app'"), {"command"});
    refuse(container("arguments = [\"a\\u0000b\"]"), {"arguments", "NUL"});
    refuse(container("environment = { 'A=B' = 'x' }"), {"letters, digits and underscores"});
    refuse(container("environment = { '1A' = 'x' }"), {"letters, digits and underscores"});
    refuse(container("environment = { A = 1 }"), {"environment.A"});
    for (const char* path : {"srv", "/a/../b", "//a", "/a/", "/a/./b", ""})
        refuse(container("working_directory = '" + std::string(path) + "'"), {"absolute path"});
    refuse(container("memory_mib = 0"), {"found 0, expected 1 to 1048576"});
    refuse(container("memory_mib = -1"), {"found -1"});
    refuse(container("pids = 4194305"), {"expected 1 to 4194304"});
    refuse(container("cpu_percent = 0"), {"cpu_percent", "found 0"});
    refuse(container("capabilities = ['ALL']"), {"CAP_NET_ADMIN"});
    refuse(container("capabilities = ['NET_ADMIN']"), {"CAP_NET_ADMIN"});
    refuse(container("drop_capabilities = ['cap_kill']"), {"CAP_NET_ADMIN"});
}

TEST(PodSettings, MountsAreMeantToo) {
    const auto refuse = [](const std::string& lines, std::initializer_list<std::string_view> parts) {
        expect_error(
            pod_of("[[pod.volume]]\nname = 'data'\nsize_mib = 1\n" + container("[[pod.container.mount]]\n" + lines)),
            parts);
    };
    refuse("path = '/'\nsize_mib = 1", {"absolute path like"});
    refuse("path = '/a/../..'\nsize_mib = 1", {"absolute path like"});
    refuse("path = '/a'", {"size_mib"});
    refuse("path = '/a'\nvolume = 'other'", {"no volume of this name"});
    refuse("path = '/a'\nvolume = 'data'\nsize_mib = 1", {"beside a volume"});
    refuse("path = '/a'\nsize_mib = 1\n[[pod.container.mount]]\npath = '/a'\nsize_mib = 1", {"each path once"});
    expect_error(pod_of("[[pod.volume]]\nname = '..'\nsize_mib = 1\n" + container("")), {"lower-case letters"});
    expect_error(pod_of("[[pod.volume]]\nname = 'a'\n" + container("")), {"size_mib"});
    const std::string volume = "[[pod.volume]]\nname = 'a'\nsize_mib = 1\n";
    expect_error(pod_of(volume + volume + container("")), {"each name once"});
}

TEST(PodSettings, ThereIsNeverTooMuch) {
    std::string many;
    for (int i = 0; i < 17; ++i) many += container("", "c" + std::to_string(i));
    expect_error(pod_of(many), {"17 containers, expected at most 16"});
    std::string words = "'a'";
    for (int i = 0; i < 256; ++i) words += ", 'a'";
    expect_error(pod_of(container("command = [" + words + "]")), {"257 words, expected at most 256"});
    expect_error(pod_of(container("command = ['" + std::string(32 * 1024 + 1, 'a') + "']")),
                 {"32769 bytes, expected at most 32768"});
    EXPECT_TRUE(pod_of(container("command = ['" + std::string(32 * 1024, 'a') + "']")));
}

}  // namespace
}  // namespace hallmark::guest
