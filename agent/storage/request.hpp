// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "common/result.hpp"

namespace api {
class SecureMountRequest;
}

namespace hallmark::storage {

/// What is on the device before.
enum class Content : std::uint8_t {
    kScratch,   ///< nothing that counts: it is made anew with a key that this boot alone has
    kEmpty,     ///< zeros: a volume is made on it, once, that the same key opens again
    kEncrypted  ///< such a volume: opened as it is, or refused
};

/// A SecureMount request that was understood.
struct Volume {
    Content content = Content::kScratch;
    std::optional<std::pair<std::uint32_t, std::uint32_t>> device_number{};  ///< major, minor
    std::string device_path{};                                               ///< below /dev, where there is no number
    std::string key{};              ///< "kbs://…" or "sealed.…"; empty for scratch
    std::string mapper_name{};      ///< of the opened device, below /dev/mapper; empty: after the device
    std::string mount_point{};      ///< below /run/kata-containers or /run/hallmark/volumes
    unsigned long mount_flags = 0;  ///< MS_…
};

/// Reads a request as Confidential Containers' data hub takes it: volume type `block-device`, options deviceId or
/// devicePath, sourceType (empty, encrypted), encryptionType luks2, key, mapperName, filesystemType, mkfsOpts,
/// targetType, dataIntegrity. Source: guest-components, confidential-data-hub/storage/src/volume_type/blockdevice.
/// Whoever asks may be led by the host, so an option that is unknown or can't be kept is an error; integrity is on
/// whatever dataIntegrity says.
Result<Volume> read_request(const api::SecureMountRequest& request);

}  // namespace hallmark::storage
