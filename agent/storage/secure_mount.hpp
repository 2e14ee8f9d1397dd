// SPDX-License-Identifier: Apache-2.0
// Trusted storage: disks of the host that hold nothing but ciphertext with tags. docs/storage.md.
#pragma once

#include <string>

#include "agent/ports/discovery.hpp"
#include "agent/storage/request.hpp"
#include "common/result.hpp"

namespace hallmark::storage {

struct Places {
    guest::Roots roots{};
    std::string hub_socket = "/run/confidential-containers/cdh.sock";
};

/// Opens the volume and mounts its file system; where that fails the device is closed again. Only a device that was
/// just formatted gets a file system, and only one that is scratch, or blank where it is to be empty, is formatted.
/// Runs other programs: not in a daemon.
Status secure_mount(const Volume& volume, const Places& places);

}  // namespace hallmark::storage
