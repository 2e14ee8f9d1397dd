// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "boot/qemu/command.hpp"
#include "boot/run/request.hpp"
#include "common/descriptor.hpp"

namespace hallmark::boot {

/// What a guest gets beside its image, where it is asked for: the disk with its init-data, an empty disk that is gone
/// when QEMU ends, disks that stay, a network card. None of it is measured; init-data is bound by HOSTDATA or
/// MRCONFIGID.
class Devices {
public:
    static Result<Devices> make(const Request& request);

    /// Behind the disks that are there already: a guest finds init-data by its content, and its root by its place.
    void add_to(QemuCommand& command) const;
    /// What QEMU must inherit for that.
    [[nodiscard]] std::vector<int> inherited() const;

private:
    FileDescriptor init_data_;
    FileDescriptor scratch_;
    std::vector<std::pair<std::string, FileDescriptor>> disks_;  ///< by serial number
    bool network_ = false;
};

}  // namespace hallmark::boot
