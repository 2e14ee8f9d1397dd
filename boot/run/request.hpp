// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "boot/run/pod.hpp"
#include "boot/simulated/attack.hpp"
#include "boot/simulated/machine.hpp"

namespace hallmark::boot {

enum class Tee { kSimulatedSnp, kSimulatedTdx, kSnp, kTdx };
constexpr bool is_tdx(Tee tee) { return tee == Tee::kSimulatedTdx || tee == Tee::kTdx; }
constexpr bool is_simulated(Tee tee) { return tee == Tee::kSimulatedSnp || tee == Tee::kSimulatedTdx; }

/// By this serial number the guest knows the disk that it may use up.
constexpr const char* kScratchSerial = "hallmark-scratch";

/// A disk of the host for a pod's volume.
struct Disk {
    std::string serial;          ///< by which init-data names it
    std::filesystem::path file;  ///< of which its bytes are
};

/// What one call of hallmark-boot was asked to do.
struct Request {
    std::filesystem::path folder;  ///< of the image: manifest.json, reference-values.json, artefacts
    Tee tee = Tee::kSimulatedSnp;
    Shape shape;
    std::string command_line = "hallmark";  ///< its name in the manifest
    std::chrono::seconds timeout{60};
    std::string qemu;                       ///< empty: the locked one for a simulated TEE, the host's otherwise
    std::filesystem::path console;          ///< empty: the console is not written anywhere
    std::filesystem::path simulated_root;   ///< empty: state_folder() of the TEE
    std::filesystem::path trusted_root;     ///< empty: the simulated one's, none for real hardware
    std::filesystem::path platform_values;  ///< empty: not written
    std::filesystem::path evidence;         ///< folder for the guest's evidence; empty: not written
    Bytes host_data;  ///< empty, or 32 bytes (SNP), 48 bytes (TDX: MRCONFIGID); of init-data, if nothing else is said
    Attack attack = Attack::kNone;
    std::string served_command_line;     ///< an attack: handed to the guest in place of the published one; empty: not
    std::optional<Bytes> init_data;      ///< the document, for a disk
    std::uint64_t scratch_mib = 0;       ///< of an empty disk; 0: none
    std::vector<Disk> disks;             ///< that outlive the guest
    bool network = false;                ///< a network card on QEMU's user network
    bool pod = false;                    ///< wait until the pod that init-data describes has ended
    const Follower* follower = nullptr;  ///< hears the guest while it runs; borrowed
    bool scrub = false;                  ///< let the guest read its root again before the challenge
    bool json = false;
    bool dry_run = false;
};

}  // namespace hallmark::boot
