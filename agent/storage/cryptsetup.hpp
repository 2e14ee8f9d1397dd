// SPDX-License-Identifier: Apache-2.0
// cryptsetup(8), the program of libcryptsetup, run as a child: no daemon of the guest ever has the library,
// libdevmapper and their dozen others in its memory, and what goes wrong in them ends with the child.
#pragma once

#include <string>

#include "common/descriptor.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::storage {

/// Makes a header for `device` into the file in memory and dm-integrity's superblock on the device. The header stays in
/// memory; the device's first 16 MiB are left for it.
Status format(const std::string& device, const FileDescriptor& header, const Secret& key);

struct Opening {
    std::string device;
    std::string name;     ///< below /dev/mapper
    bool journal = true;  ///< whether what is written survives a crash whole; half the speed
};

/// Opens the device by the header in memory; whatever lies where its own would be is not read.
Status open(const Opening& opening, const FileDescriptor& header, const Secret& key);

Status close(const std::string& name);

}  // namespace hallmark::storage
