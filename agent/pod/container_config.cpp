// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/container_config.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "agent/image-bundle/runtime_config.hpp"
#include "agent/pod/seccomp.hpp"

namespace hallmark::pod {
namespace {

using guest::ContainerSettings;
using guest::MountSettings;

constexpr int kEndsFirst = 1000;                  // OOM_SCORE_ADJ_MAX of Linux
constexpr std::uint64_t kPeriodMicros = 100'000;  // in which a container has its part of the processors
constexpr std::uint64_t kMicrosPerPercent = kPeriodMicros / 100;
constexpr std::uint64_t kMib = 1024UL * 1024;

/// Files of the guest that tell a container how names are resolved: its network is the guest's.
constexpr std::string_view kNetworkFiles[] = {"/etc/hosts", "/etc/resolv.conf"};

bundle::ProcessRequest request_of(const ContainerSettings& settings, std::vector<std::string> environment) {
    return {.command = settings.command,
            .arguments = settings.arguments,
            .environment = std::move(environment),
            .working_directory = settings.working_directory,
            .user = settings.user};
}

void add_mounts(Json& mounts, const Ingredients& of) {
    for (const auto file : kNetworkFiles)
        mounts.push_back({{"destination", file},
                          {"type", "bind"},
                          {"source", file},
                          {"options", Json::array({"bind", "ro", "nosuid", "nodev", "noexec"})}});
    for (const MountSettings& mount : of.settings.mounts) {
        Json options = Json::array({"nosuid", "nodev", mount.read_only ? "ro" : "rw"});
        if (mount.volume.empty()) {
            for (const auto& option : {std::string("mode=1777"), "size=" + std::to_string(mount.size_mib) + "m"})
                options.push_back(option);
        } else {
            options.push_back("bind");
        }
        mounts.push_back({{"destination", mount.path},
                          {"type", mount.volume.empty() ? "tmpfs" : "bind"},
                          {"source", mount.volume.empty() ? "tmpfs" : (of.volumes / mount.volume).string()},
                          {"options", std::move(options)}});
    }
}

using Names = std::vector<std::string>;

bool has(const Names& names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

/// The default set of `defaults` without what is dropped, and what is added. That wins: who drops all and adds one has
/// that one.
Names capabilities_of(const Names& defaults, const ContainerSettings& settings) {
    Names names;
    for (const auto& name : defaults)
        if (!has(settings.drop_capabilities, "ALL") && !has(settings.drop_capabilities, name)) names.push_back(name);
    for (const auto& name : settings.capabilities)
        if (!has(names, name)) names.push_back(name);
    return names;
}

/// Those of a user who is not root are ambient too: a program has them without its file being marked, which would be of
/// no use without new privileges.
Json capability_sets(const Names& all, const Ingredients& of) {
    if (of.user.uid == 0) return {{"bounding", all}, {"effective", all}, {"permitted", all}};
    Names own;
    for (const auto& name : of.settings.capabilities)
        if (!has(own, name)) own.push_back(name);
    return {{"bounding", all}, {"effective", own}, {"permitted", own}, {"inheritable", own}, {"ambient", own}};
}

void add_limits(Json& resources, const ContainerSettings& settings) {
    if (settings.memory_mib) resources["memory"] = {{"limit", *settings.memory_mib * kMib}};
    if (settings.pids) resources["pids"] = {{"limit", *settings.pids}};
    if (settings.cpu_percent)
        resources["cpu"] = {{"quota", *settings.cpu_percent * kMicrosPerPercent}, {"period", kPeriodMicros}};
}

}  // namespace

Result<Json> container_config(const Ingredients& of) {
    HALLMARK_TRY(Json config, bundle::runtime_config(of.image, request_of(of.settings, of.environment), of.user));
    if (config["process"]["args"].empty())
        return refused("the image has neither Entrypoint nor Cmd, and init-data no command: name one");
    const Names names = capabilities_of(config["process"]["capabilities"]["bounding"].get<Names>(), of.settings);
    config["process"]["capabilities"] = capability_sets(names, of);
    config["process"]["oomScoreAdj"] = kEndsFirst;
    config["hostname"] = of.settings.name;  // the guest itself has none that a container could take over
    add_mounts(config["mounts"], of);
    Json& part = config["linux"];
    add_limits(part["resources"], of.settings);
    part["cgroupsPath"] = "/pod/" + of.settings.name;
    part["seccomp"] = seccomp_profile(names);
    return config;
}

}  // namespace hallmark::pod
