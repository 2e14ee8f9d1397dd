// SPDX-License-Identifier: Apache-2.0
// The containers that init-data asks for: the table [pod] of "hallmark.toml". docs/init-data.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/oci/digest.hpp"
#include "agent/storage/disks.hpp"
#include "common/result.hpp"
#include "common/toml.hpp"

namespace hallmark::guest {

/// How much of each there can be.
constexpr std::size_t kMostWords = 256;          ///< of a command, or of its arguments
constexpr std::size_t kMostVariables = 256;      ///< of an environment
constexpr std::size_t kMostMounts = 32;          ///< of one container
constexpr std::size_t kMostVolumes = 16;         ///< of a pod
constexpr std::size_t kLongestText = 32 * 1024;  ///< bytes of a word or a variable's value

/// What begins so is a sealed secret, which the data hub opens.
constexpr const char* kSealed = "sealed.";

/// A file system that is there for the pod's life, in memory or on a disk of the host; containers share it.
struct VolumeSettings {
    std::string name;
    std::uint64_t size_mib = 0;                    ///< in memory, where there is no disk
    std::optional<storage::LastingVolume> disk{};  ///< trusted storage, which outlives the pod
};

struct MountSettings {
    std::string path;            ///< in the container; absolute, and not its root
    std::string volume{};        ///< name of one of the pod's; empty: memory of the container's own
    std::uint64_t size_mib = 0;  ///< of that memory
    bool read_only = false;
};

struct ContainerSettings {
    std::string name;                                     ///< as a label of DNS; none is there twice
    std::string image;                                    ///< a reference in normal form
    std::optional<oci::Digest> digest{};                  ///< of the manifest that the reference has to stand for
    std::optional<std::vector<std::string>> command{};    ///< in place of the image's Entrypoint and Cmd
    std::optional<std::vector<std::string>> arguments{};  ///< in place of the image's Cmd
    std::map<std::string, std::string> environment{};     ///< values as init-data has them: maybe sealed
    std::optional<std::string> working_directory{};
    std::optional<std::string> user{};
    std::optional<std::uint64_t> memory_mib{};
    std::optional<std::uint64_t> pids{};
    std::optional<std::uint64_t> cpu_percent{};    ///< of one processor: 250 is two and a half
    std::vector<std::string> capabilities{};       ///< beside the default set: "CAP_NET_ADMIN"
    std::vector<std::string> drop_capabilities{};  ///< out of it; "ALL" is all of it
    std::vector<MountSettings> mounts{};
};

struct PodSettings {
    bool output = false;  ///< what containers write goes to the host
    bool steps = false;   ///< the guest's way to the workload is told on its console
    std::vector<VolumeSettings> volumes{};
    std::vector<ContainerSettings> containers;  ///< 1 to guest_port::kMostContainers
};

/// Of the table [pod].
Result<PodSettings> read_pod(const Toml& table);

/// "CAP_KILL": one of those of capabilities(7), up to Linux 5.9, which had the last new one.
bool is_capability(std::string_view name);

}  // namespace hallmark::guest
