// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/machine.hpp"

#include <fcntl.h>

#include <thread>

namespace hallmark::boot {
namespace {

Result<FileDescriptor> open_artefact(const std::filesystem::path& folder, const Artefact& artefact) {
    const auto path = folder / artefact.file;
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error(path.string()));
    return file;
}

/// With more vCPUs than processors, threads of TCG wait for each other: 64 on two processors don't boot in two minutes,
/// in one thread they do in less than one.
std::string accelerator(const Shape& shape) {
    const bool crowded = shape.vcpus > std::thread::hardware_concurrency();
    return shape.accelerator == "tcg" && crowded ? "tcg,thread=single" : shape.accelerator;
}

}  // namespace

Result<Served> Served::open(const std::filesystem::path& folder, const Manifest& manifest, const Artefact& firmware,
                            std::string command_line) {
    Served served;
    HALLMARK_TRY(served.firmware, open_artefact(folder, firmware));
    HALLMARK_TRY(served.kernel, open_artefact(folder, manifest.kernel));
    HALLMARK_TRY(served.disk, open_artefact(folder, manifest.disk));
    served.command_line = std::move(command_line);
    return served;
}

std::vector<int> Served::descriptors() const {
    std::vector<int> all{firmware.get(), kernel.get(), disk.get()};
    if (disk_in_front.valid()) all.push_back(disk_in_front.get());
    return all;
}

Result<Sha256> digest_of(const FileDescriptor& file) {
    HALLMARK_TRY(const FileDigest digest, digest_file(path_of(file)));
    return digest.sha256;
}

Result<snp::KernelHashes> Served::hashes() const {
    snp::KernelHashes hashes;
    HALLMARK_TRY(hashes.kernel, digest_of(kernel));
    hashes.initrd = snp::hash_no_initrd();
    hashes.command_line = snp::hash_command_line(command_line);
    return hashes;
}

QemuCommand simulated_machine(const std::string& qemu, const Shape& shape, const Served& served,
                              const FileDescriptor& ram, const Channels& channels, bool with_tee) {
    const std::string memory = std::to_string(shape.memory_mib) + "M";
    QemuCommand command(qemu);
    command.add("-name", "hallmark,process=hallmark-guest")
        .add("-nodefaults")
        .add("-no-user-config")
        .add("-no-reboot")
        .add("-display", "none")
        .add("-S")
        .add("-machine", "q35,memory-backend=" + std::string(GuestMemory::kRamRegion))
        .add("-accel", accelerator(shape))
        .add("-cpu", shape.vcpu_type)
        .add("-smp", std::to_string(shape.vcpus))
        .add("-m", memory)
        .add("-object", "memory-backend-file,id=" + std::string(GuestMemory::kRamRegion) + ",size=" + memory +
                            ",share=on,mem-path=" + path_of(ram))
        .add("-bios", path_of(served.firmware))
        .add("-kernel", path_of(served.kernel))
        .add("-append", served.command_line);
    if (served.disk_in_front.valid())
        command.add("-drive", "if=none,id=front,format=raw,readonly=on,file=" + path_of(served.disk_in_front))
            .add("-device", "virtio-blk-pci,drive=front");
    command.add("-drive", "if=none,id=root,format=raw,readonly=on,file=" + path_of(served.disk))
        .add("-device", "virtio-blk-pci,drive=root");
    channels.add_to(command, with_tee);
    return command;
}

}  // namespace hallmark::boot
