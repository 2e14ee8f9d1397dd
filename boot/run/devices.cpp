// SPDX-License-Identifier: Apache-2.0
#include "boot/run/devices.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "boot/qemu/memory.hpp"
#include "common/formats/init_data.hpp"

namespace hallmark::boot {
namespace {

constexpr const char* kTemporary = "/var/tmp";  // what is there may be larger than memory

Result<FileDescriptor> make_scratch(std::uint64_t mebibytes) {
    FileDescriptor file(::open(kTemporary, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file.valid() || ::ftruncate(file.get(), static_cast<off_t>(mebibytes << 20)) != 0)
        return std::unexpected(system_error(std::string("scratch disk in ") + kTemporary));
    return file;
}

/// `more` are further properties of the device, each with a comma before it.
void add_disk(QemuCommand& command, const std::string& name, const FileDescriptor& file, bool read_only,
              const std::string& more = "") {
    command
        .add("-drive",
             "if=none,id=" + name + ",format=raw,readonly=" + (read_only ? "on" : "off") + ",file=" + path_of(file))
        .add("-device", "virtio-blk-pci,drive=" + name + ",romfile=" + more);
}

}  // namespace

Result<Devices> Devices::make(const Request& request) {
    Devices devices;
    if (request.init_data) {
        HALLMARK_TRY(devices.init_data_, make_memory_file("init-data", init_data::make_disk(*request.init_data)));
    }
    if (request.scratch_mib > 0) {
        HALLMARK_TRY(devices.scratch_, make_scratch(request.scratch_mib));
    }
    for (const auto& disk : request.disks) {
        FileDescriptor file(::open(disk.file.c_str(), O_RDWR | O_CLOEXEC));
        if (!file.valid()) return std::unexpected(system_error(disk.file.string()));
        devices.disks_.emplace_back(disk.serial, std::move(file));
    }
    devices.network_ = request.network;
    return devices;
}

void Devices::add_to(QemuCommand& command) const {
    if (init_data_.valid()) add_disk(command, "initdata", init_data_, /* read_only= */ true);
    if (scratch_.valid())
        add_disk(command, "scratch", scratch_, /* read_only= */ false, std::string(",serial=") + kScratchSerial);
    for (const auto& [serial, file] : disks_)
        add_disk(command, "disk-" + serial, file, /* read_only= */ false, ",serial=" + serial);
    if (!network_) return;
    // What boots from the network would be measured, and nothing does.
    command.add("-netdev", "user,id=net").add("-device", "virtio-net-pci,netdev=net,romfile=");
}

std::vector<int> Devices::inherited() const {
    std::vector<int> all;
    for (const auto* file : {&init_data_, &scratch_})
        if (file->valid()) all.push_back(file->get());
    for (const auto& [serial, file] : disks_) all.push_back(file.get());
    return all;
}

}  // namespace hallmark::boot
