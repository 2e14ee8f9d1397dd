// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/runtime_config.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace hallmark::bundle {
namespace {

constexpr std::string_view kVersion = "1.2.0";
constexpr std::string_view kDefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::uint64_t kOpenFiles = 1024 * 1024;

/// What containers have by default everywhere: Docker's list, which containerd and CRI-O share.
constexpr std::array<std::string_view, 14> kCapabilities = {
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
    "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
    "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
    "CAP_KILL",    "CAP_AUDIT_WRITE",
};

/// Files of the kernel that tell of the machine or its other containers, or change them.
constexpr std::array<std::string_view, 11> kMasked = {
    "/proc/acpi",          "/proc/asound",      "/proc/interrupts", "/proc/kcore",      "/proc/keys",
    "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",       "/proc/timer_list", "/sys/devices/virtual/powercap",
    "/sys/firmware",
};
constexpr std::array<std::string_view, 5> kReadOnly = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

template <class List>
Json array_of(const List& list) {
    Json array = Json::array();
    for (const auto& value : list) array.push_back(value);
    return array;
}

Json mount(std::string_view at, std::string_view type, std::string_view source,
           std::initializer_list<std::string_view> options) {
    return {{"destination", at}, {"type", type}, {"source", source}, {"options", array_of(options)}};
}

Json mounts() {
    return Json::array({
        mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
        mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
        mount("/dev/pts", "devpts", "devpts",
              {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
        mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
        mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
        mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
        mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}),
    });
}

/// The network is the pod's, which is the guest's.
Json namespaces() {
    Json list = Json::array();
    for (const auto* type : {"pid", "ipc", "uts", "mount", "cgroup"}) list.push_back({{"type", type}});
    return list;
}

Json linux_part() {
    const Json nothing = Json::array({{{"allow", false}, {"access", "rwm"}}});
    return {{"namespaces", namespaces()},
            {"resources", {{"devices", nothing}}},
            {"maskedPaths", array_of(kMasked)},
            {"readonlyPaths", array_of(kReadOnly)}};
}

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

/// In the place of the variable of that name, or behind all.
void put(std::vector<std::string>& environment, std::string_view variable) {
    const auto same = std::find_if(environment.begin(), environment.end(),
                                   [&](const std::string& other) { return name_of(other) == name_of(variable); });
    if (same != environment.end())
        *same = variable;
    else
        environment.emplace_back(variable);
}

std::vector<std::string> environment_of(const oci::ImageConfig& image, const ProcessRequest& request,
                                        const User& user) {
    std::vector<std::string> environment{std::string(kDefaultPath), "HOME=" + user.home};
    for (const auto& variable : image.environment) put(environment, variable);
    for (const auto& variable : request.environment) put(environment, variable);
    return environment;
}

std::vector<std::string> arguments_of(const oci::ImageConfig& image, const ProcessRequest& request) {
    std::vector<std::string> arguments = request.command.value_or(image.entrypoint);
    const auto& behind = request.arguments ? *request.arguments : image.command;
    if (request.arguments || !request.command) arguments.insert(arguments.end(), behind.begin(), behind.end());
    return arguments;
}

Json user_part(const User& user) {
    Json json = {{"uid", user.uid}, {"gid", user.gid}};
    if (!user.additional_gids.empty()) json["additionalGids"] = array_of(user.additional_gids);
    return json;
}

/// Without capabilities for whoever is not root, as far as they are not the file's.
Json capabilities(const User& user) {
    const Json all = array_of(kCapabilities);
    Json json = {{"bounding", all}};
    json["effective"] = user.uid == 0 ? all : Json::array();
    json["permitted"] = user.uid == 0 ? all : Json::array();
    return json;
}

}  // namespace

const std::string& user_name(const oci::ImageConfig& image, const ProcessRequest& request) {
    return request.user ? *request.user : image.user;
}

Result<Json> runtime_config(const oci::ImageConfig& image, const ProcessRequest& request, const User& user) {
    const auto& named = request.working_directory ? *request.working_directory : image.working_directory;
    const std::string directory = named.empty() ? "/" : named;
    if (!directory.starts_with('/')) return refused("working directory '" + directory + "': expected an absolute path");
    return Json{{"ociVersion", kVersion},
                {"process",
                 {{"terminal", false},
                  {"user", user_part(user)},
                  {"args", array_of(arguments_of(image, request))},
                  {"env", array_of(environment_of(image, request, user))},
                  {"cwd", directory},
                  {"capabilities", capabilities(user)},
                  {"rlimits", Json::array({{{"type", "RLIMIT_NOFILE"}, {"hard", kOpenFiles}, {"soft", kOpenFiles}}})},
                  {"noNewPrivileges", true}}},  // as containerd: no program of the image makes its user another
                {"root", {{"path", "rootfs"}, {"readonly", false}}},
                {"mounts", mounts()},
                {"linux", linux_part()}};
}

}  // namespace hallmark::bundle
