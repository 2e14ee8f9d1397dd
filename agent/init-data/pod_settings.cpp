// SPDX-License-Identifier: Apache-2.0
#include "agent/init-data/pod_settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "agent/oci/reference.hpp"
#include "common/formats/guest_port.hpp"

namespace hallmark::guest {
namespace {

constexpr std::uint64_t kMostMemory = 1024 * 1024;  // MiB
constexpr std::uint64_t kMostPids = 4'194'304;      // PID_MAX_LIMIT of Linux
constexpr std::uint64_t kMostPercent = 100 * 4096;  // no guest has more processors
constexpr std::size_t kLongestPath = 4095;          // PATH_MAX without its zero byte
constexpr std::size_t kLongestSerial = 20;          // VIRTIO_BLK_ID_BYTES

// In the order of their numbers: capabilities(7).
constexpr std::array<std::string_view, 41> kCapabilities = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

/// A label of DNS (RFC 1123), as Kubernetes names containers: it becomes a part of paths.
bool is_label(std::string_view name) {
    return !name.empty() && name.size() <= guest_port::kLongestName && name.front() != '-' && name.back() != '-' &&
           std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_variable(std::string_view name) {
    return !name.empty() && !is_digit(name.front()) &&
           std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

/// Absolute, without empty parts and such that lead elsewhere, and not the root.
bool is_path(std::string_view path) {
    if (path.size() < 2 || path.size() > kLongestPath || path.front() != '/') return false;
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto part = path.substr(0, path.find('/'));
        if (part.empty() || part == "." || part == "..") return false;
        path.remove_prefix(part.size());
    }
    return true;
}

/// Text for a program: it has no NUL, which would end it.
Result<std::string> read_text(const Toml& value) {
    HALLMARK_TRY(std::string text, value.text());
    if (text.size() > kLongestText)
        return bad_input(value.where() + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLongestText));
    if (text.find('\0') != std::string::npos) return bad_input(value.where() + ": a NUL, expected text without one");
    return text;
}

Result<const std::vector<Toml>*> read_array(const Toml& value, std::size_t most, std::string_view what) {
    HALLMARK_TRY(const auto* values, value.array());
    if (values->size() > most)
        return bad_input(value.where() + ": " + std::to_string(values->size()) + " " + std::string(what) +
                         ", expected at most " + std::to_string(most));
    return values;
}

Status read_words(const Toml& table, std::string_view key, std::optional<std::vector<std::string>>& words) {
    const Toml* found = table.find(key);
    if (found == nullptr) return {};
    HALLMARK_TRY(const auto* values, read_array(*found, kMostWords, "words"));
    words.emplace();
    for (const Toml& value : *values) {
        HALLMARK_TRY(words->emplace_back(), read_text(value));
    }
    return {};
}

Result<std::uint64_t> number_in(const Toml& value, std::uint64_t least, std::uint64_t most) {
    HALLMARK_TRY(const std::int64_t number, value.integer());
    if (number >= static_cast<std::int64_t>(least) && number <= static_cast<std::int64_t>(most))
        return static_cast<std::uint64_t>(number);
    return bad_input(value.where() + ": found " + std::to_string(number) + ", expected " + std::to_string(least) +
                     " to " + std::to_string(most));
}

Status read_limit(const Toml& table, std::string_view key, std::uint64_t most, std::optional<std::uint64_t>& limit) {
    const Toml* found = table.find(key);
    if (found == nullptr) return {};
    HALLMARK_TRY(limit, number_in(*found, 1, most));
    return {};
}

Result<std::uint64_t> read_size(const Toml& table) {
    HALLMARK_TRY(const Toml* found, table.at("size_mib"));
    return number_in(*found, 1, kMostMemory);
}

Status read_flag(const Toml& table, std::string_view key, bool& flag) {
    const Toml* found = table.find(key);
    if (found == nullptr) return {};
    HALLMARK_TRY(flag, found->boolean());
    return {};
}

Result<std::string> read_label(const Toml& table, std::string_view key) {
    HALLMARK_TRY(const Toml* found, table.at(key));
    HALLMARK_TRY(std::string name, found->text());
    if (is_label(name)) return name;
    return bad_input(found->where() + ": expected a name of at most " + std::to_string(guest_port::kLongestName) +
                     " lower-case letters, digits and dashes");
}

Status read_environment(const Toml& table, std::map<std::string, std::string>& environment) {
    const Toml* found = table.find("environment");
    if (found == nullptr) return {};
    HALLMARK_CHECK(found->is_table());
    if (found->values().size() > kMostVariables)
        return bad_input(found->where() + ": " + std::to_string(found->values().size()) +
                         " variables, expected at most " + std::to_string(kMostVariables));
    for (const Toml& value : found->values()) {
        if (!is_variable(value.key()))
            return bad_input(value.where() + ": expected a name of letters, digits and underscores");
        HALLMARK_TRY(environment[value.key()], read_text(value));
    }
    return {};
}

Status read_capabilities(const Toml& table, std::string_view key, bool all, std::vector<std::string>& list) {
    const Toml* found = table.find(key);
    if (found == nullptr) return {};
    HALLMARK_TRY(const auto* values, read_array(*found, kCapabilities.size(), "capabilities"));
    for (const Toml& value : *values) {
        HALLMARK_TRY(std::string name, value.text());
        if (!is_capability(name) && !(all && name == "ALL"))
            return bad_input(value.where() + ": expected a capability like CAP_NET_ADMIN");
        list.push_back(std::move(name));
    }
    return {};
}

Result<MountSettings> read_mount(const Toml& table, const PodSettings& pod) {
    HALLMARK_CHECK(table.is_table());
    HALLMARK_CHECK(table.only({"path", "volume", "size_mib", "read_only"}));
    MountSettings mount;
    HALLMARK_TRY(const Toml* path, table.at("path"));
    HALLMARK_TRY(mount.path, read_text(*path));
    if (!is_path(mount.path)) return bad_input(path->where() + ": expected an absolute path like /var/cache");
    HALLMARK_CHECK(read_flag(table, "read_only", mount.read_only));
    const Toml* volume = table.find("volume");
    if (volume == nullptr) {
        HALLMARK_TRY(mount.size_mib, read_size(table));
        return mount;
    }
    HALLMARK_TRY(mount.volume, read_label(table, "volume"));
    if (std::ranges::find(pod.volumes, mount.volume, &VolumeSettings::name) == pod.volumes.end())
        return bad_input(volume->where() + ": the pod has no volume of this name; name it in [[pod.volume]]");
    if (const Toml* size = table.find("size_mib"))
        return bad_input(size->where() + ": beside a volume, which has its own size; leave it out");
    return mount;
}

Status read_mounts(const Toml& table, const PodSettings& pod, std::vector<MountSettings>& mounts) {
    const Toml* found = table.find("mount");
    if (found == nullptr) return {};
    HALLMARK_TRY(const auto* values, read_array(*found, kMostMounts, "mounts"));
    for (const Toml& value : *values) {
        HALLMARK_TRY(auto mount, read_mount(value, pod));
        if (std::ranges::find(mounts, mount.path, &MountSettings::path) != mounts.end())
            return bad_input(value.where() + ".path: mounted already, expected each path once");
        mounts.push_back(std::move(mount));
    }
    return {};
}

Status read_image(const Toml& table, ContainerSettings& container) {
    HALLMARK_TRY(const Toml* image, table.at("image"));
    HALLMARK_TRY(const std::string name, image->text());
    const auto reference = oci::Reference::parse(name);
    if (!reference) return std::unexpected(reference.error().at(image->where()));
    container.image = reference->text();
    const Toml* found = table.find("digest");
    if (found == nullptr) return {};
    HALLMARK_TRY(const std::string text, found->text());
    auto digest = oci::Digest::parse(text);
    if (!digest) return std::unexpected(digest.error().at(found->where()));
    container.digest = std::move(*digest);
    return {};
}

Status read_process(const Toml& table, ContainerSettings& container) {
    HALLMARK_CHECK(read_words(table, "command", container.command));
    HALLMARK_CHECK(read_words(table, "arguments", container.arguments));
    HALLMARK_CHECK(read_environment(table, container.environment));
    if (const Toml* directory = table.find("working_directory")) {
        HALLMARK_TRY(container.working_directory, read_text(*directory));
        if (*container.working_directory != "/" && !is_path(*container.working_directory))
            return bad_input(directory->where() + ": expected an absolute path");
    }
    if (const Toml* user = table.find("user")) {
        HALLMARK_TRY(container.user, user->name());
    }
    return {};
}

Result<ContainerSettings> read_container(const Toml& table, const PodSettings& pod) {
    HALLMARK_CHECK(table.is_table());
    HALLMARK_CHECK(
        table.only({"name", "image", "digest", "command", "arguments", "environment", "working_directory", "user",
                    "memory_mib", "pids", "cpu_percent", "capabilities", "drop_capabilities", "mount"}));
    ContainerSettings container;
    HALLMARK_TRY(container.name, read_label(table, "name"));
    HALLMARK_CHECK(read_image(table, container));
    HALLMARK_CHECK(read_process(table, container));
    HALLMARK_CHECK(read_limit(table, "memory_mib", kMostMemory, container.memory_mib));
    HALLMARK_CHECK(read_limit(table, "pids", kMostPids, container.pids));
    HALLMARK_CHECK(read_limit(table, "cpu_percent", kMostPercent, container.cpu_percent));
    HALLMARK_CHECK(read_capabilities(table, "capabilities", false, container.capabilities));
    HALLMARK_CHECK(read_capabilities(table, "drop_capabilities", true, container.drop_capabilities));
    HALLMARK_CHECK(read_mounts(table, pod, container.mounts));
    return container;
}

bool is_serial(std::string_view serial) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !serial.empty() && serial.size() <= kLongestSerial && std::ranges::all_of(serial, plain);
}

Result<storage::LastingVolume> read_disk(const Toml& table) {
    storage::LastingVolume disk;
    HALLMARK_TRY(const Toml* serial, table.at("disk"));
    HALLMARK_TRY(disk.serial, serial->text());
    if (!is_serial(disk.serial))
        return bad_input(serial->where() + ": found '" + disk.serial + "', expected a serial number: up to " +
                         std::to_string(kLongestSerial) + " letters, digits, - and _");
    HALLMARK_TRY(const Toml* key, table.at("key"));
    HALLMARK_TRY(disk.key, read_text(*key));
    if (!disk.key.starts_with("kbs:///") && !disk.key.starts_with(kSealed))
        return bad_input(key->where() + ": expected kbs:///REPOSITORY/TYPE/TAG or a sealed secret");
    HALLMARK_CHECK(read_flag(table, "create", disk.create));
    return disk;
}

/// In memory with its size, or on a disk, which has its own.
Result<VolumeSettings> read_volume(const Toml& table) {
    VolumeSettings volume;
    HALLMARK_TRY(volume.name, read_label(table, "name"));
    if (table.find("disk") == nullptr) {
        HALLMARK_CHECK(table.only({"name", "size_mib"}));
        HALLMARK_TRY(volume.size_mib, read_size(table));
        return volume;
    }
    HALLMARK_CHECK(table.only({"name", "disk", "key", "create"}));
    HALLMARK_TRY(volume.disk, read_disk(table));
    return volume;
}

Status read_volumes(const Toml& table, std::vector<VolumeSettings>& volumes) {
    const Toml* found = table.find("volume");
    if (found == nullptr) return {};
    HALLMARK_TRY(const auto* values, read_array(*found, kMostVolumes, "volumes"));
    for (const Toml& value : *values) {
        HALLMARK_CHECK(value.is_table());
        HALLMARK_TRY(VolumeSettings volume, read_volume(value));
        if (std::ranges::find(volumes, volume.name, &VolumeSettings::name) != volumes.end())
            return bad_input(value.where() + ".name: there is one already, expected each name once");
        volumes.push_back(std::move(volume));
    }
    return {};
}

}  // namespace

bool is_capability(std::string_view name) { return std::ranges::find(kCapabilities, name) != kCapabilities.end(); }

Result<PodSettings> read_pod(const Toml& table) {
    HALLMARK_CHECK(table.is_table());
    HALLMARK_CHECK(table.only({"output", "steps", "volume", "container"}));
    PodSettings pod;
    HALLMARK_CHECK(read_flag(table, "output", pod.output));
    HALLMARK_CHECK(read_flag(table, "steps", pod.steps));
    HALLMARK_CHECK(read_volumes(table, pod.volumes));
    HALLMARK_TRY(const Toml* found, table.at("container"));
    HALLMARK_TRY(const auto* values, read_array(*found, guest_port::kMostContainers, "containers"));
    if (values->empty()) return bad_input(found->where() + ": no container, expected at least one");
    for (const Toml& value : *values) {
        HALLMARK_TRY(auto container, read_container(value, pod));
        if (std::ranges::find(pod.containers, container.name, &ContainerSettings::name) != pod.containers.end())
            return bad_input(value.where() + ".name: there is one already, expected each name once");
        pod.containers.push_back(std::move(container));
    }
    return pod;
}

}  // namespace hallmark::guest
