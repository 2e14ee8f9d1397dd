// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "boot/qemu/command.hpp"
#include "boot/qemu/guest.hpp"
#include "common/file.hpp"
#include "measure/image/manifest.hpp"
#include "measure/snp/kernel_hashes.hpp"

namespace hallmark::boot {

/// How large a guest is, and on what CPU.
struct Shape {
    unsigned vcpus = 1;
    std::string vcpu_type = "EPYC-v4";
    unsigned memory_mib = 512;
    std::string accelerator = "tcg";
};

/// What a guest is given: open files, so that what is hashed is what QEMU reads, whatever happens to the paths.
struct Served {
    FileDescriptor firmware;
    FileDescriptor kernel;
    FileDescriptor disk;
    FileDescriptor disk_in_front;  ///< by an attack only
    std::string command_line;

    /// Opens the artefacts of an image's folder, `firmware` among them; nothing is compared with the manifest.
    static Result<Served> open(const std::filesystem::path& folder, const Manifest& manifest, const Artefact& firmware,
                               std::string command_line);
    /// All that QEMU inherits of it.
    [[nodiscard]] std::vector<int> descriptors() const;
    /// SHA-256 of kernel and command line, as the launch flow of QEMU writes them into the hash table.
    Result<snp::KernelHashes> hashes() const;
};

/// SHA-256 of everything in an open file.
Result<Sha256> digest_of(const FileDescriptor& file);

/// A paused guest without TEE whose RAM is `ram` and whose devices are those of the real ones; with_tee: and the
/// simulated processor's port.
QemuCommand simulated_machine(const std::string& qemu, const Shape& shape, const Served& served,
                              const FileDescriptor& ram, const Channels& channels, bool with_tee);

}  // namespace hallmark::boot
