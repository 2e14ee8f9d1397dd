// SPDX-License-Identifier: Apache-2.0
// The launch digest of SEV and SEV-ES guests: one SHA-256 over all that the hypervisor adds, in its order.
// Source: AMD "Secure Encrypted Virtualization API", publication 55766, revision 3.24, section 6.4
// (LAUNCH_UPDATE_DATA, LAUNCH_UPDATE_VMSA); QEMU 11.1, target/i386/sev.c (sev_launch_update_data,
// sev_add_kernel_loader_hashes).
//
// The launch digest is not the launch measurement: that one is an HMAC of it, under a key of the guest's owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/snp/kernel_hashes.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/vmsa.hpp"
#include "measure/trace.hpp"

namespace hallmark::sev {

class LaunchDigest {
public:
    explicit LaunchDigest(Trace* trace = nullptr) : trace_(trace) {}

    /// The firmware image.
    void firmware(ByteSpan image);
    /// The kernel hash table, as the hypervisor writes it: without the rest of its page, unlike SNP.
    void kernel_hashes(const snp::KernelHashes& hashes);
    /// SEV-ES: the initial state of one CPU.
    void vmsa(const snp::Vmsa& state, std::string_view what);

    [[nodiscard]] Sha256 value() const { return hasher_.so_far(); }

private:
    void add(ByteSpan bytes, std::string_view what);

    Hasher<Sha256> hasher_;
    Trace* trace_;
};

/// Firmware, kernel hashes where there is a kernel, and for SEV-ES the CPU states. A kernel needs a firmware that has a
/// place for the hashes. `what` names the firmware.
Result<Sha256> predict(ByteSpan image, const std::optional<snp::KernelHashes>& kernel,
                       const std::optional<snp::CpuStates>& cpus, std::uint32_t vcpus, const std::string& what,
                       Trace* trace = nullptr);

/// The states of an SEV-ES guest's CPUs on this firmware, which must have an SEV-ES reset block.
Result<snp::CpuStates> cpu_states(const snp::VmmProfile& profile, ByteSpan image, std::uint32_t signature,
                                  const std::string& what);

}  // namespace hallmark::sev
